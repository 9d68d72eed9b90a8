"""What songs are about, and the words by which that is known."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from pansori.lexicon.wishes import find

Kind = Literal["time", "place", "person", "thing"]
Mood = Literal["bright", "calm", "sad", "strong", "tender", "dark"]


@dataclass(frozen=True)
class Topic:
    """`called`: words of a prompt that speak of it, Korean and English. `themes`: what it is called in a song whose
    prompt does not say."""

    kind: Kind
    called: tuple[str, ...]
    themes_ko: tuple[str, ...]
    themes_en: tuple[str, ...]


def _topic(kind: Kind, called: str, korean: str, english: str) -> Topic:
    return Topic(kind, *(tuple(text.split("/")) for text in (called, korean, english)))


TOPICS: dict[str, Topic] = {
    "rain": _topic(
        "time", "비 오/비가 오/비 내리/비가 내리/빗/소나기/장마/우산/폭우/이슬비/rain/rainy/storm/umbrella/"
        "puddle/drizzle",
        "비 오는 밤/소나기/빗소리", "rainy night/summer rain/the sound of rain",
    ),
    "sea": _topic(
        "place", "바다/해변/파도/섬/여름/휴가/서핑/항구/바닷/제주/sea/ocean/beach/wave/summer/island/surf/shore/"
        "harbor",
        "여름 바다/푸른 파도/그 여름", "summer sea/the open ocean/golden shore",
    ),
    "winter": _topic(
        "time", "겨울/첫눈/눈 오/눈이 오/눈 내리/함박눈/눈사람/크리스마스/성탄/winter/snow/snowy/christmas/"
        "december/frost",
        "첫눈/겨울밤/하얀 눈길", "first snow/winter light/snowy street",
    ),
    "spring": _topic(
        "time", "봄/벚꽃/꽃/새싹/소풍/나비/정원/spring/blossom/flower/cherry/garden/bloom/april/butterfly",
        "봄날/벚꽃길/꽃 피는 날", "spring morning/cherry blossom/garden in bloom",
    ),
    "autumn": _topic(
        "time", "가을/낙엽/단풍/코스모스/추석/autumn/fall leaves/leaves/october/november/harvest",
        "가을밤/낙엽 지는 길", "autumn leaves/october sky",
    ),
    "night": _topic(
        "place", "밤/도시/야경/네온/새벽/서울/거리/골목/지하철/night/city/neon/midnight/downtown/street/subway/"
        "seoul/urban",
        "도시의 밤/새벽 골목/잠들지 않는 거리", "city night/neon street/two in the morning",
    ),
    "star": _topic(
        "thing", "별/우주/은하/달빛/달밤/보름달/하늘/로켓/행성/star/space/moon/galaxy/universe/sky/planet/comet/"
        "rocket",
        "별빛/은하수/달빛", "starlight/the milky way/silver moon",
    ),
    "parting": _topic(
        "thing", "이별/헤어/떠나간/떠난/작별/그리움/그리운/미련/전 애인/추모/애도/장례/"
        "memorial/breakup/break up/goodbye/farewell/losing/"
        "lost you/"
        "miss you/heartbreak/leaving",
        "마지막 인사/너 없는 계절/빈자리", "last goodbye/empty chair/the day you left",
    ),
    "love": _topic(
        "person", "사랑/첫사랑/연인/고백/설레/짝사랑/데이트/결혼/그대/love/lover/crush/romance/kiss/wedding/"
        "valentine/darling",
        "너/첫사랑/내 사랑", "you and me/my love/first love",
    ),
    "friend": _topic(
        "person", "친구/우정/동창/단짝/친구들/friend/friendship/buddy/best friend/friends",
        "친구/오랜 친구", "old friend/friends of mine",
    ),
    "family": _topic(
        "person", "엄마/아빠/어머니/아버지/할머니/할아버지/가족/부모/아기/딸/아들/동생/mother/father/mom/dad/"
        "family/grandma/"
        "grandpa/grandmother/grandfather/baby/daughter/son/sister/brother/lullaby/자장가",
        "엄마/우리 가족", "mother of mine/family table",
    ),
    "dream": _topic(
        "thing", "꿈/희망/도전/용기/미래/시작/응원/승리/성공/새해/합격/dream/hope/courage/future/victory/win/"
        "champion/"
        "never give up/giving up/brave/begin/new year/rise",
        "꿈/내일/새로운 시작", "tomorrow/the dream we chase/brand new day",
    ),
    "road": _topic(
        "place", "여행/길 위/기차/자동차/트럭/드라이브/고속도로/비행기/공항/떠나자/자전거/travel/road/train/drive/car/"
        "truck/highway/journey/"
        "airport/trip/bicycle/wander",
        "먼 길/여행길/밤 기차", "open road/long way home/midnight train",
    ),
    "home": _topic(
        "place", "고향/시골/마을/집으로/우리 집/옛집/동네/hometown/home/village/countryside/neighborhood/porch",
        "고향/우리 동네/작은 마을", "hometown/the house on the hill/little village",
    ),
    "memory": _topic(
        "time", "추억/기억/어린 시절/그때/청춘/스무 살/졸업/옛날/사진첩/학창/memory/memories/childhood/youth/"
        "nostalgia/"
        "graduation/yesterday/old days/twenty",
        "그 시절/스무 살/청춘", "younger days/yesterday/faded photograph",
    ),
    "coffee": _topic(
        "thing", "커피/카페/빵/치킨/라면/떡볶이/맛집/요리/점심/저녁밥/김밥/피자/초콜릿/케이크/coffee/cafe/bread/"
        "food/pizza/"
        "kitchen/cooking/breakfast/chocolate/cake/tea",
        "커피 한 잔/따뜻한 빵", "cup of coffee/sunday breakfast",
    ),
    "pet": _topic(
        "person", "고양이/강아지/반려/멍멍/야옹/댕댕/토끼/햄스터/cat/dog/puppy/kitten/pet/rabbit/hamster",
        "고양이/우리 강아지", "little cat/my old dog",
    ),
    "work": _topic(
        "time", "퇴근/출근/야근/회사/월급/직장/월요일/알바/일요일/주말/금요일/work/office/monday/friday/weekend/"
        "overtime/"
        "commute/job/boss/paycheck",
        "퇴근길/금요일 저녁", "friday evening/the last train home",
    ),
    "party": _topic(
        "time", "파티/축제/춤/클럽/생일/불꽃/노래방/콘서트/party/dance/dancing/birthday/festival/fireworks/"
        "celebrate/club",
        "오늘 밤/축제의 밤", "tonight/the dance floor",
    ),
    "nature": _topic(
        "place", "숲/산/강/지구/환경/기후/호수/나무/바람/들판/노을/햇살/아침/캠핑/forest/mountain/river/lake/tree/wind/"
        "meadow/sunset/"
        "sunrise/morning/camp/sun/sunshine/"
        "climate/earth",
        "바람 부는 언덕/아침 햇살/노을", "morning sun/the river bend/wild wind",
    ),
    "days": _topic(
        "time", "하루/일상/오늘/everyday/ordinary/day/today",
        "평범한 하루/오늘", "ordinary day/one more day",
    ),
}  # fmt: skip

#: Nouns that tell what a theme is, whatever it is about.
HEADS: dict[Kind, tuple[str, ...]] = {
    "time": (
        "날",
        "밤",
        "아침",
        "저녁",
        "계절",
        "시절",
        "하루",
        "오후",
        "새벽",
        "순간",
        "방학",
        "기념일",
        "생일",
        "생신",
        "결혼식",
        "졸업식",
        "요일",
    ),
    "place": ("길", "거리", "언덕", "마을", "골목", "학교", "공원", "도시", "나라", "섬"),
    "thing": ("사랑", "우정", "마음"),
}
#: Moods by index into the lexicon's `MOODS`.
MOOD_OF: tuple[Mood, ...] = (
    "bright", "bright", "bright", "bright", "sad", "dark", "calm", "strong", "calm", "strong", "tender", "bright",
)  # fmt: skip
USUAL_MOOD: dict[str, Mood] = {
    "kpop_dance": "bright", "pop": "bright", "ballad": "tender", "rock": "strong", "hiphop": "strong", "rnb": "tender",
    "jazz": "tender", "trot": "bright", "folk": "calm", "lofi": "calm", "edm": "strong", "waltz": "tender",
}  # fmt: skip
TOPIC_MOODS: dict[str, Mood] = {
    "parting": "sad",
    "memory": "tender",
    "rain": "calm",
    "autumn": "calm",
    "dream": "strong",
}
#: What a song is about whose prompt says nothing of it.
USUAL_TOPICS: dict[Mood, tuple[str, ...]] = {
    "bright": ("party", "sea", "spring", "nature", "friend"),
    "calm": ("days", "nature", "coffee", "star", "home"),
    "sad": ("parting", "rain", "memory", "winter"),
    "strong": ("dream", "night", "road", "party"),
    "tender": ("love", "star", "night", "spring", "memory"),
    "dark": ("night", "rain", "star"),
}
#: The same in styles that nobody dances to in a club.
STYLE_TOPICS: dict[str, dict[Mood, tuple[str, ...]]] = {
    "folk": {"bright": ("road", "friend", "nature", "spring", "home"), "strong": ("road", "dream", "home")},
    **{
        style: {"bright": ("spring", "love", "nature", "friend", "sea"), "strong": ("dream", "night", "road")}
        for style in ("ballad", "jazz", "waltz", "lofi")
    },
    "rock": {"strong": ("dream", "night", "road")},
}


def topics_in(text: str) -> list[tuple[int, int, str]]:
    """What `text` speaks of, the most telling first: by how long its word is, then by where it stands. Each is the
    length of the word, negative, its place, and the topic."""
    lowered = text.lower()
    return sorted(
        (-len(word), place, name)
        for name, topic in TOPICS.items()
        for place, word in find(lowered, topic.called)
        if len(word) > 1 or word.isascii() or _stands_alone(lowered[place + 1 : place + 2])
    )


def _stands_alone(following: str) -> bool:
    """Whether a word of one syllable ends before this character: 산에 speaks of mountains, 산책 does not."""
    return not "가" <= following <= "힣" or following in "이가을를은는의에로와과도만"
