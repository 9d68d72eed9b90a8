"""What the page of conversations says."""

from __future__ import annotations

from pansori.domain.errors import Text

WORDS = {
    "lead": Text("Say what you want; the answer comes aloud.", "하고 싶은 말을 하면 소리로 대답해요."),
    "begin": Text("Start talking", "말하기 시작"),
    "end": Text("Stop", "그만하기"),
    "hold": Text("Hold to talk", "누르고 말하기"),
    "hands_free": Text("Hands-free", "손 떼고 말하기"),
    "hands_free_hint": Text(
        "Your words are over when you pause. Off: while the button, or Space, is held.",
        "잠깐 멈추면 말이 끝난 것으로 알아들어요. 끄면 버튼이나 스페이스를 누르는 동안 들어요.",
    ),
    "type": Text("Or type it", "글로 써도 돼요"),
    "send": Text("Send", "보내기"),
    "file": Text("Or send a recording", "녹음 파일을 보내도 돼요"),
    "conversation": Text("Conversation", "대화 내용"),
    "earlier": Text("Earlier", "지난 대화"),
    "none": Text("Nothing was said yet", "아직 나눈 대화가 없어요"),
    "none_more": Text("Try: “What can you do?”", "이렇게 말해 보세요: “뭐 할 수 있어?”"),
    "you": Text("You", "나"),
    "answer": Text("Answer", "대답"),
    "play_you": Text("Hear what you said", "내가 한 말 듣기"),
    "play_answer": Text("Hear the answer", "대답 듣기"),
    "delete": Text("Delete this turn", "이 대화 지우기"),
    "interrupted": Text("Interrupted after: {heard}", "여기까지 들었어요: {heard}"),
    "interrupted_at_once": Text("Interrupted before a word was heard", "한마디도 듣기 전에 끊겼어요"),
    "failed": Text("Not answered: {why}", "대답하지 못했어요: {why}"),
    "waited": Text("pause", "멈춤"),
    "heard": Text("understood", "알아듣기"),
    "answered": Text("first word", "첫 낱말"),
    "voiced": Text("first sound", "첫 소리"),
    "spoken": Text("all said", "끝까지"),
    "seconds": Text("{n} s", "{n}초"),
    "is_connecting": Text("Connecting", "연결하는 중이에요"),
    "is_listening": Text("Listening", "듣고 있어요"),
    "is_ready": Text("Ready", "준비됐어요"),
    "is_hearing": Text("You are speaking", "말씀하고 있어요"),
    "is_thinking": Text("Thinking", "생각하고 있어요"),
    "is_speaking": Text("Speaking", "대답하고 있어요"),
    "is_over": Text("The conversation is over.", "대화가 끝났어요."),
    "is_lost": Text("The connection was lost; trying again.", "연결이 끊겨 다시 잇고 있어요."),
    "not_understood": Text("That was not understood.", "알아듣지 못했어요."),
    "is_idle": Text("Nobody spoke for five minutes, so it has ended.", "5분 동안 아무 말이 없어서 대화를 끝냈어요."),
    "is_replaced": Text("Another connection goes on with it.", "다른 연결에서 대화를 이어 가요."),
    "is_elsewhere": Text("You talk in another window now.", "지금은 다른 창에서 대화하고 있어요."),
    "is_logged_out": Text(
        "You have logged in or out, so the conversation has ended.", "로그인이나 로그아웃을 해서 대화를 끝냈어요."
    ),
    "no_microphone": Text(
        "There is no microphone. Connect one, or type.", "마이크가 없어요. 연결하거나 글로 써 주세요."
    ),
    "refused": Text(
        "This page may not use the microphone. Allow it in the browser, or type.",
        "마이크를 쓸 수 없게 막혀 있어요. 브라우저에서 허용하거나 글로 써 주세요.",
    ),
    "taken": Text(
        "The microphone cannot be used: it was taken away, or another program holds it. Look to it, or type.",
        "마이크가 빠졌거나 다른 프로그램이 쓰고 있어요. 확인하거나 글로 써 주세요.",
    ),
    "insecure": Text(
        "Browsers give a microphone to pages by HTTPS or from localhost alone: serve with --tls-cert, or type.",
        "브라우저는 HTTPS나 localhost에서 온 페이지에만 마이크를 줘요. --tls-cert로 켜거나 글로 써 주세요.",
    ),
    "did_make_song": Text("A song was begun", "노래를 만들기 시작했어요"),
    "did_play": Text("Your song", "내 노래"),
    "did_analyse": Text("An analysis was begun", "분석을 시작했어요"),
}
