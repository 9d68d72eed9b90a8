"""English openings of lines on each topic: a clause that any of the endings of `english_moods` may follow. `_SCENES`
show something, `_SELVES` are what the singer does."""

from __future__ import annotations

_SCENES = {
    "rain": """The rain is tapping softly/The gutters hum and whisper/The puddles hold the street lamps
        The wipers keep on waving
        Umbrellas bloom and wander/The windows blur and shimmer/The clouds are leaning closer""",
    "sea": """The tide is rolling over/The gulls are riding higher/The sand is warm and golden
        The waves are drumming gently
        The harbour lamps are swaying/The salt is on the breezes/The sails are leaning forward""",
    "winter": """The snow is falling gently/The roofs are dressed in silver/The frost has drawn its flowers
        The bells begin to answer
        The frozen lake is gleaming/The chimney smoke is climbing/The snowmen guard the garden""",
    "spring": """The cherry trees are waking/The petals drift and tumble/The garden hums and rustles
        The swallows sew the sunlight
        The buds are slowly opening/The bees are back to business/The river learns to giggle""",
    "autumn": """The leaves are turning copper/The wind is sweeping corners/The geese are heading southward
        The apples fill the baskets
        The evening smells of woodsmoke/The maples burn to embers/The fields are lying golden""",
    "night": """The neon signs are blinking/The taxis paint the asphalt/The skyline hums and glitters
        The last train hums and rattles
        The alley cats are prowling/The corner shop is glowing/The traffic lights are dancing""",
    "star": """The stars are slowly turning/The moon is climbing over/A comet writes its letter
        The Milky Way is spilling
        The satellites are singing/The darkness hums and listens/The planets keep their promise""",
    "parting": """Your coat is still here hanging/The coffee cup grows colder/Your chair is by the window
        The letters fade and yellow
        The calendar keeps turning/The doorway keeps your shadow/The phone is lying silent""",
    "love": """Your laughter fills the kitchen/Your eyes say more than letters/Our shadows walk together
        My heart forgets its rhythm
        Your name is like a lantern/The city spins around us/The radio plays for us""",
    "friend": """The same old jokes keep working/Our bikes are on the hillside/The swing set still remembers
        The corner store is calling
        Your messages keep buzzing/The old gang's back together/The photographs are fading""",
    "family": """The kettle sings its story/An apron smells of cinnamon/The porch light keeps on waiting
        Those hands are rough and gentle
        The table grows and gathers/The old clock counts the evenings/The lullaby keeps humming""",
    "dream": """The starting gun is waiting/The mountain keeps on calling/The doors are slowly opening
        The drums are getting louder
        The map is white and open/The morning holds its breath now/The wind is at our shoulders""",
    "road": """The highway hums its chorus/The mile signs keep on passing/The train is chasing rivers
        The tank is full of sunrise
        The suitcase feels so weightless/The tunnel opens wider/The hills are rolling backward""",
    "home": """The garden gate is squeaking/The oak still holds my swing rope/The creek is talking softly
        The church bell tells the hour
        The neighbours wave and wonder/The kitchen lights are golden/The crickets tune their fiddles""",
    "memory": """The photographs are fading/The school bell rings from somewhere
        The cassette tape keeps spinning/The playground stands there empty
        The diary keeps its secrets/That summer song is playing/The names are carved and weathered""",
    "coffee": """The kettle starts to whistle/The bread is slowly rising/The steam is curling upward
        The spoons are gently ringing
        The morning smells of sugar/The radio is humming/The window seat is waiting""",
    "pet": """A tail is drumming welcome/Two ears are always listening/Small paws are on the staircase
        A nose is on the window
        The leash is softly jingling/The sofa's warm and furry/A yawn goes round the sofa""",
    "work": """The office lights are dimming/The clock is striking seven/The inbox finally empties/The elevator opens
        The subway sways and rumbles/The neckties come off slowly/The coffee cups are stacking""",
    "party": """The bass is shaking windows/The mirror ball is turning/Confetti fills the doorway
        The speakers pound like heartbeats
        The candles light up faces/The whole block's on the dance floor/The fireworks are blooming""",
    "nature": """The wind combs through the meadow/The river hugs its pebbles/The pines are softly breathing
        The sun slips through the branches
        The morning mist is lifting/The campfire cracks and mumbles/The lake is full of heaven""",
    "days": """The curtains learn of sunlight/The kettle sings good morning/The bus arrives on time now
        The laundry waves from rooftops
        The corner shop is opening/The evening lamps are waking/The sparrows hold their meeting""",
}  # fmt: skip

_SELVES = {
    "rain": """I write your name on windows/I fold my old umbrella/I listen to it falling""",
    "sea": """I throw my shoes and run now/I write our names in seashells/I let the water hold me""",
    "winter": """I warm my hands on cocoa/I leave the first of footprints/I wrap the scarf around us""",
    "spring": """I hang my coat forever/I open every window/I catch a falling petal""",
    "autumn": """I walk through rusty paper/I find your scarf in boxes/I keep a leaf between us""",
    "night": """I walk between the towers/I turn the music louder/I watch it from the rooftop""",
    "star": """I trace them with my finger/I wish upon the farthest/I tell the moon my troubles""",
    "parting": """I set the table single/I almost dial your number/I learn the shape of silence""",
    "love": """I practise what I'd tell you/I match my steps to your steps/I count the freckles on you""",
    "friend": """I call you up at midnight/I save the seat beside me/I laugh before you finish""",
    "family": """I hold your hand a moment/I hum the tune you taught me/I wear the coat you mended""",
    "dream": """I lace my shoes up tighter/I fall and get up stronger/I shout it from the rooftops""",
    "road": """I roll the windows lower/I leave the map at home now/I follow where the birds go""",
    "home": """I walk the lane on tiptoe/I taste the well's cold water/I call the names I knew once""",
    "memory": """I open dusty boxes/I play the song we danced to/I count the nights of summer""",
    "coffee": """I pour another cupful/I break the bread between us/I close my eyes and taste it""",
    "pet": """I call your name in doorways/I throw the ball forever/I share the bed and blanket""",
    "work": """I loosen up my collar/I leave it all till Monday/I whistle down the stairway""",
    "party": """I kick my shoes in corners/I sing until I'm breathless/I dance with perfect strangers""",
    "nature": """I walk on grass with bare feet/I lean against the old oak/I breathe the morning deeply""",
    "days": """I make my bed and breakfast/I wave at every neighbour/I smile at little nothings""",
}


def parts(text: str) -> tuple[str, ...]:
    """Phrases parted by slashes or line ends."""
    return tuple(phrase for line in text.splitlines() for part in line.split("/") if (phrase := part.strip()))


SCENES: dict[str, tuple[str, ...]] = {topic: parts(text) for topic, text in _SCENES.items()}
SELVES: dict[str, tuple[str, ...]] = {topic: parts(text) for topic, text in _SELVES.items()}
