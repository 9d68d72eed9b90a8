"""What inputs of Spaces are called, in English, Korean, Japanese and Chinese."""

from __future__ import annotations

import re
import unicodedata
from enum import StrEnum

from pansori.domain.media import Quality


class Concept(StrEnum):
    """What we have a value for."""

    PROMPT = "prompt"
    STYLE = "style"
    LYRICS = "lyrics"
    TITLE = "title"
    DURATION = "duration"
    SEED = "seed"
    SAMPLE_RATE = "sample_rate"
    QUALITY = "quality"
    NEGATIVE = "negative_prompt"
    RANDOM_SEED = "random_seed"
    INSTRUMENTAL = "instrumental"

    @property
    def korean(self) -> str:
        """What it is called in Korean."""
        return _KOREAN[self]


_KOREAN = {
    Concept.PROMPT: "설명", Concept.STYLE: "장르", Concept.LYRICS: "가사", Concept.TITLE: "제목",
    Concept.DURATION: "길이", Concept.SEED: "시드", Concept.SAMPLE_RATE: "샘플레이트", Concept.QUALITY: "품질",
    Concept.NEGATIVE: "제외할 것", Concept.RANDOM_SEED: "무작위 시드", Concept.INSTRUMENTAL: "연주곡 여부",
}  # fmt: skip

#: Names of parameters and labels as `words_of` gives them; the first of a line are parameters' usual names.
NAMES: dict[Concept, tuple[str, ...]] = {
    Concept.PROMPT: (
        "prompt", "text", "description", "input text", "text prompt", "music prompt", "caption", "query", "input",
        "describe your music", "프롬프트", "설명", "음악 설명", "묘사", "입력", "문장", "내용",
        "プロンプト", "説明", "曲の説明", "テキスト", "入力",
        "提示词", "提示詞", "提示", "描述", "音乐描述", "文本", "输入",
    ),
    Concept.STYLE: (
        "style", "genre", "tags", "genres", "music style", "style prompt", "mood",
        "스타일", "장르", "분위기", "태그", "スタイル", "ジャンル", "雰囲気", "タグ",
        "风格", "風格", "流派", "类型", "曲风", "标签",
    ),
    Concept.LYRICS: ("lyrics", "lyric", "song lyrics", "words", "가사", "노랫말", "歌詞", "歌词", "詞"),
    Concept.TITLE: ("title", "song title", "song name", "제목", "곡명", "タイトル", "曲名", "标题", "標題", "歌名"),
    Concept.DURATION: (
        "duration", "length", "seconds", "audio length", "audio length in s", "music length", "total seconds",
        "song length", "duration seconds", "duration sec", "audio duration", "secs", "sec", "max length",
        "길이", "재생 시간", "시간", "초", "음악 길이", "곡 길이", "長さ", "秒数", "時間", "秒", "曲の長さ", "再生時間",
        "时长", "長度", "长度", "时间", "持续时间", "秒數", "音乐时长",
    ),
    Concept.SEED: (
        "seed", "random seed", "manual seed", "rng seed", "시드", "시드값", "난수", "씨앗",
        "シード", "シード値", "乱数", "种子", "種子", "随机种子", "隨機種子",
    ),
    Concept.SAMPLE_RATE: (
        "sample rate", "samplerate", "sampling rate", "sr", "frequency", "샘플레이트", "샘플 레이트", "샘플링 레이트",
        "샘플링 속도", "표본화율", "サンプルレート", "サンプリングレート", "サンプリング周波数",
        "采样率", "取樣率", "採樣率",
    ),
    Concept.QUALITY: ("quality", "audio quality", "품질", "음질", "品質", "音質", "クオリティ", "质量", "音质"),
    Concept.NEGATIVE: (
        "negative prompt", "negative", "neg prompt", "부정 프롬프트", "네거티브 프롬프트", "제외",
        "ネガティブプロンプト", "除外", "负面提示词", "反向提示词", "负向提示",
    ),
    Concept.RANDOM_SEED: (
        "randomize seed", "random seed", "use random seed", "randomise seed", "randomize", "랜덤 시드", "시드 무작위",
        "무작위",
        "ランダムシード", "シードをランダム", "ランダム", "随机种子", "随机", "隨機",
    ),
    Concept.INSTRUMENTAL: (
        "instrumental", "instrumental only", "no vocals", "연주곡", "반주만", "인스트루멘탈", "보컬 없음",
        "インストゥルメンタル", "インスト", "歌なし", "纯音乐", "純音樂", "无人声",
    ),
}  # fmt: skip

QUALITIES: dict[Quality, tuple[str, ...]] = {
    Quality.DRAFT: (
        "draft", "low", "fast", "preview", "quick", "small", "초안", "낮음", "저음질", "빠름", "빠르게",
        "下書き", "低", "低音質", "高速", "草稿", "快速", "预览",
    ),
    Quality.STANDARD: (
        "standard", "medium", "normal", "default", "balanced", "보통", "표준", "기본", "중간",
        "標準", "普通", "中", "标准", "默认",
    ),
    Quality.HIGH: (
        "high", "best", "studio", "hd", "ultra", "full", "높음", "고음질", "최고", "고급", "高", "高音質", "最高",
        "高品質", "高质量", "高音质", "最佳",
    ),
}  # fmt: skip

TIME = re.compile(
    r"(?P<number>\d+(?:[.,]\d+)?)\s*(?P<unit>ms|minutes?|mins?|m(?![a-z])|seconds?|secs?|s(?![a-z])|분|초|分(?:钟|鐘|間)?|秒(?:鐘|钟|間)?)?",
    re.IGNORECASE,
)
CLOCK = re.compile(r"(\d{1,2}):([0-5]\d)")
NUMBER = re.compile(r"-?\d+(?:\.\d+)?")
KILO = re.compile(r"(\d+(?:\.\d+)?)\s*k(?:hz)?\b", re.IGNORECASE)
BRACKETS = re.compile(r"[(\[{（【〔「][^)\]}）】〕」]*[)\]}）】〕」]")
SEPARATORS = re.compile(r"[\W_]+")
CAMEL = re.compile(r"(?<=[a-z0-9])(?=[A-Z])")


def words_of(text: str) -> str:
    """`text` in the form in which it is compared: NFKC, lower case, words apart by one space, no brackets with units
    or remarks, no marks: `Audio Length (s)` and `audioLength` are both `audio length`."""
    plain = CAMEL.sub(" ", unicodedata.normalize("NFKC", text))
    return (
        SEPARATORS.sub(" ", BRACKETS.sub(" ", plain)).strip().casefold()
        or SEPARATORS.sub(" ", plain).strip().casefold()
    )


def is_wide(word: str) -> bool:
    """Whether it is written in a script whose words stand together without spaces, or with endings."""
    return any(ord(character) >= 0x1100 for character in word)


def seconds_of(text: str) -> float | None:
    """`1:30`, `90`, `90s`, `1분 30초`, `30秒` … as seconds; None where no time is named."""
    if clock := CLOCK.search(text):
        return int(clock[1]) * 60.0 + int(clock[2])
    parts = list(TIME.finditer(unicodedata.normalize("NFKC", text)))
    with_unit = [part for part in parts if part["unit"]]
    if not parts:
        return None
    return sum(float(part["number"].replace(",", ".")) * _unit(part["unit"] or "s") for part in with_unit or parts[:1])


def _unit(unit: str) -> float:
    unit = unit.lower()
    if unit == "ms":
        return 0.001
    return 60.0 if unit.startswith(("m", "분", "分")) else 1.0


def hertz_of(text: str) -> float | None:
    """`44.1 kHz`, `44100`, `44,100 Hz` as a number."""
    if kilo := KILO.search(text):
        return float(kilo[1]) * 1000
    found = NUMBER.search(text.replace(",", ""))
    return float(found[0]) if found else None
