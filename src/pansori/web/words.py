"""The words that every page shows, and how a page's words become text in the reader's language."""

from __future__ import annotations

from collections.abc import Mapping

from pansori.domain.errors import Language, Text
from pansori.lexicon.music import korean_key
from pansori.lexicon.particles import fill

Words = Mapping[str, Text]

FRAME: dict[str, Text] = {
    "name": Text("Pansori", "Pansori"),
    "skip": Text("Skip to the content", "본문으로 건너뛰기"),
    "main_menu": Text("Main menu", "주 메뉴"),
    "make": Text("Make", "만들기"),
    "analyse": Text("Analyse", "분석"),
    "talk": Text("Talk", "대화"),
    "library": Text("Library", "보관함"),
    "engines": Text("Engines", "엔진"),
    "templates": Text("Templates", "템플릿"),
    "voices": Text("Voices", "목소리"),
    "nav_analyses": Text("Analyses", "분석"),
    "nav_tokens": Text("Tokens", "토큰"),
    "nav_scripts": Text("Scripts", "대본"),
    "nav_actors": Text("Actors", "배우"),
    "attempt_open": Text("How near it comes to its reference", "기준 녹음과 얼마나 비슷한지 보기"),
    "account": Text("Account", "계정"),
    "sign_in": Text("Sign in", "로그인"),
    "language": Text("Language", "언어"),
    "theme": Text("Appearance", "화면 모드"),
    "theme_auto": Text("As the system", "시스템 설정대로"),
    "theme_light": Text("Light", "밝게"),
    "theme_dark": Text("Dark", "어둡게"),
    "queue": Text("Queue", "대기열"),
    "queue_idle": Text("Nothing is being made", "만드는 곡이 없어요"),
    "queue_busy": Text("{running} running, {waiting} waiting", "{running}곡 만드는 중, {waiting}곡 대기 중"),
    "docs": Text("API", "API"),
    "licences_link": Text("Licences", "라이선스"),
    "footer": Text("Made and kept on this machine.", "이 컴퓨터에서 만들고 보관해요."),
    "loading": Text("Loading", "불러오는 중"),
    "close": Text("Close", "닫기"),
    "copy": Text("Copy", "복사"),
    "copied": Text("Copied", "복사했어요"),
    "cancel": Text("Cancel", "취소"),
    "offline": Text(
        "The server does not answer. What is being made goes on by itself; this page comes back with it.",
        "서버가 답하지 않아요. 만들던 곡은 그대로 이어지고, 서버가 돌아오면 이 페이지도 이어져요.",
    ),
    "signed_out": Text(
        "You are no longer signed in. What you made is kept.",
        "로그인이 풀렸어요. 만든 곡은 그대로 있어요.",
    ),
    "deleted": Text("{n} songs were deleted.", "{n}곡을 지웠어요."),
    "deleted.one": Text("{n} song was deleted.", "{n}곡을 지웠어요."),
    "undo": Text("Undo", "되돌리기"),
    "take": Text("Take {n}", "{n}번째"),
    "for_good": Text("This cannot be undone.", "되돌릴 수 없어요."),
    # -- the player ------------
    "player": Text("Player", "플레이어"),
    "play": Text("Play", "재생"),
    "pause": Text("Pause", "일시정지"),
    "back_5": Text("Back 5 seconds", "5초 뒤로"),
    "on_5": Text("On 5 seconds", "5초 앞으로"),
    "next": Text("Next", "다음 곡"),
    "position": Text("Position", "재생 위치"),
    "speed": Text("Speed", "속도"),
    "play_queue": Text("Up next", "다음에 들을 곡"),
    "queue_empty": Text("Nothing is queued.", "이어서 들을 곡이 없어요."),
    "queued": Text("Comes next: {title}", "다음에 들을 곡: {title}"),
    "cannot_play": Text("This song cannot be played now.", "지금은 이 곡을 재생할 수 없어요."),
    # -- keys ------------
    "keys": Text("Keys", "단축키"),
    "key_space": Text("Play or pause", "재생·일시정지"),
    "key_arrows": Text("Back or on 5 seconds", "5초 뒤로·앞으로"),
    "key_jl": Text("Back or on 10 seconds", "10초 뒤로·앞으로"),
    "key_k": Text("Play or pause", "재생·일시정지"),
    "key_slash": Text("Search the library", "보관함 검색"),
    "key_question": Text("Show these keys", "단축키 보기"),
    # -- jobs ------------
    "job_queued": Text("Waiting for its turn", "차례를 기다리고 있어요"),
    "job_running": Text("Being made", "만드는 중이에요"),
    "job_succeeded": Text("Done", "다 됐어요"),
    "job_failed": Text("This could not be made", "만들지 못했어요"),
    "analysis_failed": Text("This could not be analysed", "분석하지 못했어요"),
    "job_cancelled": Text("Cancelled", "취소했어요"),
    "job_cancelling": Text("Ending", "멈추는 중이에요"),
    "job_may_close": Text("You may close this page; it goes on.", "이 페이지를 닫아도 계속돼요."),
    "job_elapsed": Text("{time} so far", "{time} 지남"),
    "job_left": Text("about {time} left", "약 {time} 남았어요"),
    "job_progress": Text("Progress", "진행률"),
    "job_cancel": Text("Cancel", "취소"),
    "job_retry": Text("Try again", "다시 시도"),
    "job_open": Text("Open the song", "곡 열기"),
    "job_cure": Text("What helps: {cure}", "이렇게 해 보세요: {cure}"),
}
"""What the frame, the player and the job component say. A page's own words stand with the page."""

STAGES: dict[str, Text] = {
    "": Text("Getting ready", "준비하고 있어요"),
    "write": Text("Finding the words", "말을 고르고 있어요"),
    "plan": Text("Reading the words, laying out the form", "가사를 읽고 구성을 짜고 있어요"),
    "connect": Text("Reaching the Space", "Space에 연결하고 있어요"),
    "ask": Text("Asking the Space", "Space에 요청하고 있어요"),
    "queue": Text("Waiting in the Space's queue", "Space에서 차례를 기다리고 있어요"),
    "fetch": Text("Fetching the sound", "소리를 받아 오고 있어요"),
    "compose": Text("Composing", "곡을 쓰고 있어요"),
    "sing": Text("Singing", "노래하고 있어요"),
    "play": Text("Playing the instruments", "악기를 연주하고 있어요"),
    "mix": Text("Mixing", "소리를 섞고 있어요"),
    "deliver": Text("Mastering and packing", "마무리해서 담고 있어요"),
    "store": Text("Keeping the recording", "녹음을 보관하고 있어요"),
    "decode": Text("Reading the recording", "녹음을 읽고 있어요"),
    "kind": Text("Telling what it is", "어떤 소리인지 알아보고 있어요"),
    "signal": Text("Measuring the signal", "신호를 재고 있어요"),
    "fingerprint": Text("Taking its fingerprint", "소리의 지문을 뜨고 있어요"),
    "stereo": Text("Measuring its width", "스테레오 폭을 재고 있어요"),
    "music": Text("Listening to the music", "음악을 듣고 있어요"),
    "loudness": Text("Measuring the loudness", "음량을 재고 있어요"),
    "voice": Text("Measuring the voice", "목소리를 재고 있어요"),
    "analyze": Text("Measuring", "재고 있어요"),
    "remote": Text("Waiting for the analysis server", "분석 서버를 기다리고 있어요"),
    "notify": Text("Sending the results", "결과를 보내고 있어요"),
}
"""Stages of jobs by the names that engines and workflows give them."""

SECTIONS = {
    "intro": Text("Intro", "전주"),
    "verse": Text("Verse", "절"),
    "prechorus": Text("Pre-chorus", "프리코러스"),
    "pre-chorus": Text("Pre-chorus", "프리코러스"),
    "chorus": Text("Chorus", "후렴"),
    "bridge": Text("Bridge", "브리지"),
    "break": Text("Break", "간주"),
    "interlude": Text("Interlude", "간주"),
    "solo": Text("Solo", "솔로"),
    "instrumental": Text("Instrumental", "연주"),
    "outro": Text("Outro", "후주"),
    "ending": Text("Ending", "끝"),
    "hook": Text("Hook", "훅"),
}
"""Labels of sections in words; one that is not here is shown as the engine calls it."""


ENGINES = {
    "house_band": Text("House band", "하우스 밴드"),
    "space": Text("Hugging Face Space", "Hugging Face Space"),
    "songsmith": Text("Songsmith", "송스미스"),
    "remote": Text("Analysis server", "분석 서버"),
    "faster_whisper": Text("Whisper", "Whisper"),
    "auto": Text("Automatic", "자동"),
    "pocketsphinx": Text("PocketSphinx", "PocketSphinx"),
    "espeak": Text("eSpeak", "eSpeak"),
    "openai": Text("OpenAI-compatible server", "OpenAI 호환 서버"),
    "atot": Text("Audio-to-text server", "음성 인식 서버"),
    "ttot": Text("Reply server", "대답 서버"),
    "tts": Text("Speech server", "음성 합성 서버"),
    "assistant": Text("Assistant", "비서"),
    "debug": Text("Test engine", "시험용 엔진"),
}
"""Engines that come with the program, as people call them."""


class Told:
    """`t` of the templates: words by name, in one language. `t("left", time="0:12")` fills the slots; in Korean
    `{title|을/를}` gets the particle that fits. Where `n` is given and is 1, `name.one` is preferred."""

    def __init__(self, language: Language, *catalogues: Words) -> None:
        self.language = language
        self._catalogues = catalogues

    def __call__(self, name: str, /, **values: object) -> str:
        """Raises `KeyError` for a name that no catalogue has."""
        if values.get("n") == 1 and (single := self._find(f"{name}.one")) is not None:
            return self.text(single, **values)
        found = self._find(name)
        if found is None:
            raise KeyError(f"no words for {name!r}")
        return self.text(found, **values)

    def text(self, text: Text, /, **values: object) -> str:
        template = text.in_language(self.language)
        return fill(template, **{name: _put(value) for name, value in values.items()}) if values else template

    def stage(self, name: str) -> str:
        """The stage of a job in words."""
        return self.text(STAGES.get(name, FRAME["job_running"]))

    def section(self, label: str) -> str:
        """A section of a song in words; one that has none is called as the engine calls it."""
        name = label.lower().strip()
        found = SECTIONS.get(name) or SECTIONS.get(name.rstrip(" 0123456789"))
        return self.text(found) if found else label

    def engine(self, name: str) -> str:
        """An engine as people call it; one from elsewhere by its own name."""
        found = ENGINES.get(name)
        return self.text(found) if found else name.replace("_", " ").capitalize()

    def key(self, name: str) -> str:
        """A musical key such as `F# minor`."""
        return korean_key(name) if self.language == "ko" else name

    def _find(self, name: str) -> Text | None:
        for words in self._catalogues:
            if (text := words.get(name)) is not None:
                return text
        return None


def _put(value: object) -> str:
    """Counts with commas, as both languages write them; a year comes as text."""
    return f"{value:,}" if isinstance(value, int) else str(value)
