"""The words that people describe music with, Korean and English, and what each of them changes."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

Mode = Literal["major", "minor"]
Gender = Literal["female", "male"]
Flow = Literal["steady", "live", "growing", "slowing", "changing"]
"""How the tempo of a song moves: not at all, as that of a band without a click, faster and faster, slower at the end,
or to a second tempo."""
PartName = Literal["drums", "bass", "keys", "guitar", "pad", "lead"]
PARTS: tuple[PartName, ...] = ("drums", "bass", "keys", "guitar", "pad", "lead")
NOTE_NAMES = ("C", "C#", "D", "Eb", "E", "F", "F#", "G", "Ab", "A", "Bb", "B")
KOREAN_NOTE_NAMES = ("다", "올림다", "라", "내림마", "마", "바", "올림바", "사", "내림가", "가", "내림나", "나")
KOREAN_MODES: dict[Mode, str] = {"major": "장조", "minor": "단조"}
#: Tonics that lie well under the voices and the instruments.
TONICS: dict[Mode, tuple[int, ...]] = {"major": (0, 2, 3, 5, 7, 9, 10), "minor": (9, 11, 0, 2, 4, 5, 7)}


@dataclass(frozen=True)
class Key:
    tonic: int  #: pitch class, 0 is C
    mode: Mode


def key_name(key: Key) -> str:
    """Such as `F# minor`."""
    return f"{NOTE_NAMES[key.tonic]} {key.mode}"


def korean_key_name(key: Key) -> str:
    """Such as `올림바단조`."""
    return KOREAN_NOTE_NAMES[key.tonic] + KOREAN_MODES[key.mode]


def korean_key(name: str) -> str:
    """What `key_name` gives, in Korean; anything else stays as it is."""
    tonic, _, mode = name.partition(" ")
    if tonic not in NOTE_NAMES or mode not in ("major", "minor"):
        return name
    return korean_key_name(Key(NOTE_NAMES.index(tonic), "minor" if mode == "minor" else "major"))


@dataclass(frozen=True)
class Usual:
    """What is usual in a style where nothing is said."""

    tempo: tuple[float, float]  #: beats a minute, slowest and fastest
    minor: float  #: how often it is in minor, 0–1
    voice: Gender = "female"
    beats_per_bar: int = 4


USUAL: dict[str, Usual] = {
    "kpop_dance": Usual((114.0, 130.0), 0.4),
    "pop": Usual((92.0, 116.0), 0.25),
    "ballad": Usual((64.0, 78.0), 0.3),
    "rock": Usual((116.0, 148.0), 0.45, "male"),
    "hiphop": Usual((84.0, 98.0), 0.75, "male"),
    "rnb": Usual((74.0, 96.0), 0.4),
    "jazz": Usual((104.0, 138.0), 0.3),
    "trot": Usual((122.0, 140.0), 0.6),
    "folk": Usual((88.0, 112.0), 0.25),
    "lofi": Usual((70.0, 86.0), 0.4),
    "edm": Usual((124.0, 130.0), 0.6),
    "waltz": Usual((96.0, 144.0), 0.3, beats_per_bar=3),
}

#: Style → what calls it. Korean words are found anywhere, English ones as whole words.
GENRE_WORDS: dict[str, tuple[str, ...]] = {
    "kpop_dance": (
        "k-pop", "kpop", "k pop", "케이팝", "케이 팝", "k팝", "dance pop", "댄스", "아이돌", "idol", "걸그룹",
            "보이그룹",
        "girl group", "boy group", "girl crush", "걸크러쉬", "dance",
    ),
    "pop": ("pop", "팝", "가요", "city pop", "시티팝", "indie", "인디", "reggae", "레게", "disco", "디스코",
        "synthwave", "신스웨이브", "funk", "펑크 팝"),
    "ballad": ("ballad", "발라드", "ost", "torch song", "클래식", "classical", "new age", "뉴에이지", "orchestral",
        "오케스트라", "자장가", "lullaby"),
    "rock": (
        "rock", "록", "락", "metal", "메탈", "punk", "펑크록", "펑크 록", "band", "밴드", "grunge", "그런지",
            "hard rock", "하드록",
    ),
    "hiphop": (
        "hip-hop", "hiphop", "hip hop", "힙합", "rap", "랩", "trap", "트랩", "drill", "드릴 비트", "드릴 힙합",
        "boom bap", "boombap", "붐뱁",
    ),
    "rnb": ("r&b", "rnb", "r & b", "r and b", "알앤비", "알엔비", "soul", "소울", "gospel", "가스펠", "neo soul",
        "neo-soul", "groove", "그루브"),
    "jazz": ("jazz", "재즈", "swing", "스윙", "bossa nova", "bossa", "보사노바", "bebop", "비밥", "blues",
        "블루스", "big band", "빅밴드"),
    "trot": ("trot", "teuroteu", "트로트", "뽕짝", "성인가요", "enka", "엔카"),
    "folk": (
        "folk", "포크", "acoustic", "어쿠스틱", "country", "컨트리", "singer-songwriter", "싱어송라이터",
            "campfire", "동요",
        "children", "nursery", "민요", "국악", "통기타",
    ),
    "lofi": ("ambient", "앰비언트", "lo-fi", "lofi", "lo fi", "로파이", "chillhop", "칠합", "chill", "칠아웃",
        "study beats", "공부할 때", "카페", "cafe"),
    "edm": (
        "edm", "이디엠", "house", "하우스", "techno", "테크노", "trance", "트랜스", "electronic", "일렉트로닉",
            "electro", "club", "클럽",
        "dubstep", "덥스텝", "rave",
    ),
    "waltz": ("waltz", "왈츠", "3/4", "삼박자", "3박자", "세 박자"),
}  # fmt: skip
#: These say little: any other style's word beside them wins.
BROAD = frozenset({"pop", "kpop_dance", "lofi"})
#: Of the words of lofi those that also say how another style sounds: lo-fi house, 로파이 힙합.
LOFI_WORDS = frozenset({"lo-fi", "lofi", "lo fi", "로파이"})
#: Say how many beats a bar has, and so leave the style to another's word: a jazz waltz is jazz.
METRES = frozenset({"waltz"})
#: Two beats of three eighths.
SIX_EIGHT_WORDS = ("6/8", "six-eight", "six eight", "8분의 6박자", "팔분의 육박자", "육박자")
#: What calls each way in which a tempo moves.
FLOW_WORDS: tuple[tuple[tuple[str, ...], Flow], ...] = (
    (("rubato", "루바토", "live tempo", "without a click", "메트로놈 없이"), "live"),
    (("accelerando", "speeding up", "아첼레란도", "점점 빨라", "점점 빠르게"), "growing"),
    (("ritardando", "rallentando", "slowing down", "리타르단도", "점점 느려", "점점 느리게"), "slowing"),
    (("tempo change", "템포 체인지", "템포가 바뀌", "빠르기가 바뀌"), "changing"),
)
#: Rock in which nothing but drums, bass and distorted guitars plays.
HEAVY_WORDS = ("metal", "메탈", "grunge", "그런지", "hard rock", "하드록")
STILL_BROAD_WORDS = frozenset(
    {
        "band",
        "밴드",
        "acoustic",
        "어쿠스틱",
        "카페",
        "cafe",
        "chill",
        "칠아웃",
        "groove",
        "그루브",
        "electronic",
        "classical",
        "클래식",
        "orchestral",
        "오케스트라",
        "3/4",
        "삼박자",
        "3박자",
        "세 박자",
    }
)


@dataclass(frozen=True)
class Mood:
    """Shifts within the style: `tempo` and `energy` from −1 to 1; `mode` where the word implies one."""

    tempo: float = 0.0
    energy: float = 0.0
    mode: Mode | None = None


MOODS: tuple[tuple[tuple[str, ...], Mood], ...] = (
    (("신나", "신난", "신명", "흥겨", "흥이", "upbeat", "exciting", "party", "파티", "festive", "축제", "응원"),
        Mood(0.6, 0.6, "major")),
    (("happy", "joyful", "cheerful", "행복", "기쁜", "기쁨", "즐거", "유쾌", "명랑"), Mood(0.4, 0.3, "major")),
    (("bright", "sunny", "밝은", "밝고", "화창", "상큼", "청량", "refreshing", "fresh", "여름", "summer"),
        Mood(0.3, 0.3, "major")),
    (("cute", "귀여", "사랑스러", "발랄", "통통 튀", "playful"), Mood(0.4, 0.2, "major")),
    (("sad", "슬픈", "슬프", "슬픔", "우울", "눈물", "tearful", "melanchol", "heartbreak", "이별", "애절", "애틋",
        "쓸쓸", "외로", "lonely", "그리움", "그리운", "추모", "애도", "장례", "memorial",
        "funeral", "mourning", "grief"), Mood(-0.5, -0.3, "minor")),
    (("dark", "어두운", "어둡", "음산", "무서", "scary", "gloomy", "mysterious", "신비", "몽환", "dreamy", "tense",
        "긴장"), Mood(-0.2, 0.0, "minor")),
    (("calm", "잔잔", "차분", "조용", "고요한", "고요히", "고요 속", "평화", "peaceful", "gentle", "soft", "부드러",
        "relax",
        "편안", "나른", "포근", "따뜻", "warm", "quiet", "mellow"), Mood(-0.5, -0.5)),
    (("fast", "빠른", "빠르게", "quick", "speedy", "질주"), Mood(1.0, 0.2)),
    (("slow", "느린", "느리게", "천천히"), Mood(-1.0, -0.2)),
    (("powerful", "강렬", "파워", "강한", "힘찬", "힘있", "energetic", "에너지", "intense", "aggressive", "웅장",
        "epic", "heavy", "헤비", "거친", "loud", "시끄러운", "시끄럽",
        "angry", "furious", "분노", "화난"), Mood(0.3, 0.6)),
    (("romantic", "로맨틱", "설레", "달콤", "sweet", "sexy", "섹시", "love song", "사랑 노래", "sentimental",
        "감성", "emotional"), Mood(-0.2, -0.1)),
    (("hopeful", "희망", "inspiring", "uplifting", "벅찬", "triumphant"), Mood(0.2, 0.3, "major")),
)  # fmt: skip

#: Instruments that a text may ask for → the part that plays them and its General MIDI program, counted from 0.
INSTRUMENTS: tuple[tuple[tuple[str, ...], PartName, int], ...] = (
    (("electric piano", "rhodes", "일렉트릭 피아노", "전자 피아노", "로즈"), "keys", 4),
    (("piano", "피아노"), "keys", 0),
    (("organ", "오르간"), "keys", 16),
    (("accordion", "아코디언"), "keys", 21),
    (("harpsichord", "하프시코드"), "keys", 6),
    (("bass guitar", "베이스 기타", "베이스기타"), "bass", 33),
    (("electric guitar", "distorted guitar", "distortion", "일렉 기타", "일렉기타", "전기기타"), "guitar", 30),
    (("nylon guitar", "classical guitar", "클래식 기타"), "guitar", 24),
    (("acoustic guitar", "통기타", "어쿠스틱 기타", "ukulele", "우쿨렐레", "guitar", "기타"), "guitar", 25),
    (("banjo", "밴조"), "guitar", 105),
    (("harp", "하프"), "guitar", 46),
    (("gayageum", "가야금", "거문고", "koto"), "guitar", 107),
    (("warm synth pad", "synth pad", "warm pad", "ambient pad", "soft pad", "pad", "pads",
        "따뜻한 신스 패드", "신스 패드", "신스패드", "따뜻한 패드", "부드러운 패드", "앰비언트 패드"), "pad", 89),
    (("strings", "스트링", "현악", "orchestra", "오케스트라"), "pad", 48),
    (("choir", "합창", "콰이어"), "pad", 52),
    (("violin", "fiddle", "바이올린", "해금"), "lead", 40),
    (("cello", "첼로"), "lead", 42),
    (("trumpet", "트럼펫", "brass", "브라스"), "lead", 56),
    (("saxophone", "sax", "색소폰"), "lead", 65),
    (("clarinet", "클라리넷"), "lead", 71),
    (("flute", "플루트", "플룻", "대금", "단소"), "lead", 73),
    (("harmonica", "하모니카"), "lead", 22),
    (("synth lead", "synth", "synthesizer", "신스", "신디사이저", "신시사이저"), "lead", 81),
    (("music box", "오르골"), "lead", 10),
    (("vibraphone", "비브라폰"), "lead", 11),
    (("double bass", "upright bass", "콘트라베이스", "contrabass"), "bass", 32),
    (("synth bass", "신스 베이스", "신스베이스", "808"), "bass", 38),
    (("slap bass", "슬랩 베이스", "슬랩베이스"), "bass", 36),
)  # fmt: skip
#: What a text may do without.
PART_WORDS: dict[PartName, tuple[str, ...]] = {
    "drums": ("drums", "drum", "percussion", "드럼", "타악기"),
    "bass": ("bass", "베이스"),
    "keys": ("piano", "keyboard", "keyboards", "keys", "피아노", "건반"),
    "guitar": ("guitar", "guitars", "기타"),
    "pad": ("strings", "pad", "pads", "스트링", "패드"),
    "lead": ("synth", "lead", "신스", "리드"),
}
#: Words after or before which nothing else is to be heard.
ONLY_AFTER = r"(?:\s*(?:한\s?대)?만(?:으로|의|\s|$|[.,!])|\s?솔로|\s?독주|\s(?:only|solo|alone)\b)"
ONLY_BEFORE = r"\b(?:only|just|solo|nothing but)\s+(?:an?\s+|the\s+)?"
UNACCOMPANIED = ("a cappella", "acapella", "a capella", "unaccompanied", "아카펠라", "무반주")
FEMALE_WORDS = ("female", "woman", "women", "girl", "lady", "여자", "여성", "여보컬", "여가수", "소녀", "걸그룹")
MALE_WORDS = ("male", "man", "men", "boy", "guy", "남자", "남성", "남보컬", "남가수", "소년", "보이그룹")
