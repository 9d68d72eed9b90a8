"""English for each mood, and the endings of lines by the sound they rhyme with."""

from __future__ import annotations

from pansori.engines.write.songsmith.words.english_topics import parts
from pansori.engines.write.songsmith.words.topics import Mood

#: Words that rhyme, by the name of their sound.
RHYMES: dict[str, frozenset[str]] = {
    sound: frozenset(words.split())
    for sound, words in {
        "ight": "night light right sight bright tonight tight flight fight alight candlelight",
        "ay": "day away way stay grey play say today",
        "ound": "sound ground around found round underground",
        "own": "town down crown drown",
        "ong": "long song belong along strong wrong",
        "ow": "go slow afterglow ago know glow show row snow no low",
        "ee": "free see me sea easily memory melody be",
        "ine": "line align sign wine mine shine fine sunshine",
        "air": "air everywhere care there prayer stair",
        "art": "start heart art apart part",
        "ame": "name flame same frame",
        "ew": "blue knew view true through you new do too",
    }.items()
}
#: With a star: only after what somebody does.
_ENDINGS = {
    "ight": """deep into the night/in the silver light/*and it feels so right/*just beyond my sight
        till the morning light/burning soft and bright""",
    "ay": """at the close of day/half a world away/in its own sweet way/like it means to stay/all along the way
        like a summer day""",
    "ound": """without a sound/on familiar ground/turning all around/like something lost and found/round and round""",
    "own": """all over town/on the edge of town/as the sun goes down/and the world slows down/like a paper crown""",
    "ong": """all night long/like a simple song/where we all belong/humming right along/the whole night long""",
    "ow": """soft and slow/in the afterglow/like so long ago/more than you could know/*with no place to go
        in the lantern glow""",
    "ee": """wild and free/for the world to see/calling out to me/like a memory/like a melody
        *just between you and me""",
    "ine": """in the late sunshine/and the stars align/like a secret sign/like an old road sign
        *your hand in mine/*and I'm feeling fine""",
    "air": """in the open air/like you're always there/*without a care/floating everywhere/like a whispered prayer""",
    "art": """*right from the start/*straight to my heart/like a work of art/piece by piece and part by part
        like a brand new start/*with an open heart""",
    "ame": """calling out my name/like a candle flame/never quite the same/in a golden frame""",
    "ew": """and the sky turns blue/like it always knew/coming into view/like a dream come true
        the whole night through""",
}
ENDINGS: dict[str, tuple[str, ...]] = {
    sound: tuple(ending.removeprefix("*") for ending in parts(text)) for sound, text in _ENDINGS.items()
}
GLOOMY: frozenset[Mood] = frozenset(("sad", "dark"))
GLAD = frozenset(
    (
        "and it feels so right", "like a summer day", "where we all belong", "wild and free", "and I'm feeling fine",
        "like a dream come true", "in the late sunshine", "like a brand new start",
    )
)  # fmt: skip
"""Endings that say nothing gloomy."""
OF_IMAGES: dict[str, tuple[str, ...]] = {
    sound: tuple(ending for ending in parts(text) if not ending.startswith("*")) for sound, text in _ENDINGS.items()
}
"""Those that may follow what is merely seen."""

_SELVES: dict[Mood, str] = {
    "bright": """I throw my hands up higher/I feel my heart get lighter/We spin until we're dizzy
        I wear the sun like glitter/We laugh at every puddle/I can't stop smiling sideways""",
    "calm": """I breathe a little slower/I let the hours wander/I set my worries elsewhere
        I leave the lamp on burning/We listen more than talking/I close my eyes and listen""",
    "sad": """I walk these rooms on tiptoe/I keep the light on burning/I hold a coat that's empty
        I rehearse all the sorries/I wake up in the silence/I fold the words I owed you""",
    "strong": """I stand against the thunder/I break the chains that held me/We run into the fire
        I raise my voice above it/We rise up from the ashes/I won't back down or falter""",
    "tender": """I learn you by the heartbeat/I lean upon your shoulder/You hold me like a secret
        I whisper what I've hidden/We sway without the music/You fit inside my morning""",
    "dark": """I follow every shadow/I hear the walls keep breathing/We speak in broken mirrors
        I lose the road I came by/I knock on doors of water/We dance with hollow strangers""",
}
SELVES_OF_MOOD: dict[Mood, tuple[str, ...]] = {mood: parts(text) for mood, text in _SELVES.items()}

#: What follows the theme where a chorus calls it.
_TAILS = {
    "ight": """hold me through the night/make it feel all right/I'll be there tonight""",
    "ay": """don't you fade away/teach me how to stay/show me the way""",
    "ow": """never let me go/more than you know/take it nice and slow""",
    "ee": """you're a part of me/come and set me free/come and carry me""",
    "art": """you have got my heart/beating in my heart/right from the start""",
    "ound": """turn my world around/lift me off the ground""",
    "ew": """I belong to you/see me safely through/I will sing for you""",
    "ine": """make this moment mine/make the morning shine""",
}
TAILS: dict[str, tuple[str, ...]] = {sound: parts(text) for sound, text in _TAILS.items()}

#: Lines that only a dance floor understands.
OF_CLUBS = frozenset(
    ("We can dance until the morning light", "Clap your hands and let the speakers play", "I wear the sun like glitter")
)
_WISHES: dict[Mood, str] = {
    "bright": """We can dance until the morning light/Everything is gonna be all right
        Every corner of the street is bright
        Clap your hands and let the speakers play/Nothing's gonna steal this happy day
        We were always meant to feel this way
        Turn it up and let the feeling show/Open up your arms and let it go/All the streets are putting on a show
        I can hear the whole world sing with me/Barefoot, laughing, running wild and free
        Every colour's brighter next to you/All the skies above are turning blue/There is nothing that we cannot do
        Sing it out and pass the joy around/Every step is dancing off the ground
        Come on out and let your colours shine/Every road ahead is yours and mine
        Got the summer beating in my heart/We were shining from the very start""",
    "calm": """There's no need to hurry through the night/I will leave a little window light
        Everything can rest till it is right
        Let the hours drift along their way/We have nowhere else to be today/Breathing is enough for one more day
        Let the river tell you where to go/Everything we need is soft and slow/There is all the time you want to know
        Quiet as the tide upon the sea/This is all I ever need to be/Rest a while and lean your head on me
        Simple things are all I want to do/Every breath is bringing me to you/Morning always finds the window blue
        Let the evening settle without sound/Peace is such a quiet thing I found
        Lay it down, the day is done, it's fine/Let your slow and easy hand find mine
        Quiet is a room inside my heart/Every ending is a place to start""",
    "sad": """I still hear you breathing every night/Nothing that I say can make it right
        I keep looking for you in the light
        All the words I never got to say/Every clock keeps ticking you away/I would trade tomorrow for that day
        Didn't think that you would really go/There are things I never let you know/Letting go is terrible and slow
        Half of you is living on in me/You are just a ghost of memory/There's an empty place you used to be
        Every road I take leads back to you/There was nothing left that I could do
        I rehearse a world where we were true
        Silence is the loudest kind of sound/You're the only thing I never found
        I keep telling everyone I'm fine/All that's left of you is not quite mine
        There's a winter living in my heart/We were breaking slowly from the start""",
    "strong": """We were born to set the dark alight/We will never go without a fight
        I can see the finish line in sight
        No one's gonna stand here in my way/This is where I turn it all today/Louder than the thunder, I will stay
        There's a fire only I can know/Hit the ground and watch the embers glow/I was told to stop, I told them no
        Nothing in this world is chaining me/I will be the one I came to be/Break the door and run out wild and free
        There is not a thing we cannot do/Burn the bridge and build another new
        Every scar I wear has pulled me through
        Hear the drums that shake the solid ground/I am lost no more, for I am found
        Draw the line, the next mile will be mine/Strike the match and let the darkness shine
        There's an army marching in my heart/They can never tear this will apart""",
    "tender": """Stay with me beneath the paper light/In your arms the world is finally right
        Dance with me a little more tonight
        Every little thing you never say/I would choose you any given day/Closer than a breath is where I'll stay
        There is something that I want to show/Lead me by the hand and I will go/Hold me like the river holds the snow
        You're the only place I want to be/You have found the softest part of me/Keep your ocean eyes awake for me
        All of my tomorrows lean on you/Every word I ever meant was true/Every song I hum belongs to you
        You're the dearest thing I ever found/Even silence has a sweeter sound
        Say the word and let your hand find mine/In your quiet eyes I see me shine
        You have drawn a map upon my heart/Teach me every sweet and tender part""",
    "dark": """Something holds its breath beneath the night/Every door is drawn with candlelight
        Shadows wear the faces of the light
        Nothing here is ever what you say/Echoes lead the only way away/Mirrors keep the ones who choose to stay
        There are rooms that only sleepers know/Down the winding stair is where we go
        Paper moons are burning cold and low
        Someone with my face looks back at me/Nobody is who they seem to be/Keys are turning deep beneath the sea
        Every road is bending back to you/All the stars are holes the dark came through
        Hear the clocks run backward without sound/All I lost lies waiting underground
        Read the omen, every crooked line/Something in the dark is wearing mine
        There's a hollow humming in my heart/Thread by thread the night comes all apart""",
}
WISHES: dict[Mood, tuple[str, ...]] = {mood: parts(text) for mood, text in _WISHES.items()}

_LIFTS: dict[Mood, str] = {
    "bright": """Can you feel it rising, can you hear the call / Nothing in the world can make us fall;
        Count it down together, five and four and three / Jump into the colours, jump with me;
        Every heart is beating, every light is on / We'll be making music until dawn""",
    "calm": """Let the minutes wander, let the kettle sing / We don't have to answer anything;
        Somewhere past the rooftops day is growing thin / Leave the window open, let it in;
        Leave your shoes beside me, leave your heavy load / There's no need to hurry down this road""",
    "sad": """If I knew the ending, would I start again / Would I stand here talking to the rain;
        Tell me how you do it, tell me how you sleep / All the words you gave me, should I keep;
        Maybe in the morning I will be okay / Maybe in the morning, not today""",
    "strong": """Feel the pressure building, feel the engines roar / We have never been this far before;
        One breath for the doubters, one breath for the brave / One breath for the ground we have to pave;
        Hear my heartbeat hammer, hear the tower fall / We're not coming back until we have it all""",
    "tender": """Is it in the way you look before you speak / Is it in the colour of your cheek;
        Tell me that you feel it, tell me it's not me / Dreaming up the tide without the sea;
        Every time you're leaving something in me stays / I could count in you the nights and days""",
    "dark": """Who is at the window, who is at the door / I have heard that whispered name before;
        Did I dream the garden, did I dream the gate / Something in the silence seems to wait;
        Follow down the hallway, follow down the thread / Careful with the things that go unsaid""",
}
_BRIDGES: dict[Mood, str] = {
    "bright": """There were days of thunder, there were days of grey / You came like a window opened on the day;
        Even when it's pouring, even when it's cold / We have got a pocket full of gold""",
    "calm": """I was always running, never knowing why / Now I watch the slow clouds cross the sky;
        All the things I wanted, all the things I missed / Leave me when the evening finds my wrist""",
    "sad": """We were young and careless, we were made of glass / Nobody had told us it would pass;
        I found your old ticket underneath the chair / For a single second you were there""",
    "strong": """They said it was over, they said turn around / I was only standing on the starting ground;
        I have known the bottom, I have known the stones / There's a taller tower in my bones""",
    "tender": """Before you I was winter, I was locked and grey / You walked in and carried it away;
        If the years should scatter all the words we knew / I'd forget the world, remembering you""",
    "dark": """Once there was a lantern, once there was a key / Now there's only someone watching me;
        I have walked these corridors a thousand years / Every painted portrait disappears""",
}


def _couplets(text: str) -> tuple[tuple[str, str], ...]:
    pairs = (pair.split("/") for pair in text.split(";"))
    return tuple((first.strip(), second.strip()) for first, second in pairs)


LIFTS: dict[Mood, tuple[tuple[str, str], ...]] = {mood: _couplets(text) for mood, text in _LIFTS.items()}
BRIDGES: dict[Mood, tuple[tuple[str, str], ...]] = {mood: _couplets(text) for mood, text in _BRIDGES.items()}
