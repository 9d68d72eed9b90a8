// Parts of pages that streams keep true. It stands before htmx, which connects them as soon as it is there.
{
  const RETRY = 2000; // ms
  const FINAL = [401, 403, 404]; // asking again would change nothing

  const isLive = (element) => element?.hasAttribute?.("hx-sse:connect") ?? false;
  const tell = (status) => document.dispatchEvent(new CustomEvent("pansori:refused", { detail: status }));

  function connectLater(element) {
    const connect = () => element.isConnected && htmx.ajax("GET", element.getAttribute("hx-sse:connect"), { source: element });
    setTimeout(connect, RETRY);
  }

  // htmx connects anew what was connected once. The first connection is tried again here, and nothing but a stream is
  // shown in the place of one.
  document.addEventListener("htmx:before:response", (event) => {
    const { sourceElement, response } = event.detail.ctx;
    if (!isLive(sourceElement) || response.headers.get("content-type")?.startsWith("text/event-stream")) return;
    event.preventDefault();
    tell(response.status);
    if (!FINAL.includes(response.status)) connectLater(sourceElement);
  });

  document.addEventListener("htmx:error", (event) => {
    const source = event.detail?.ctx?.sourceElement;
    if (isLive(source)) connectLater(source);
  });

  document.addEventListener("htmx:sse:error", ({ detail: { connection, status = 0 } }) => {
    tell(status);
    if (connection && FINAL.includes(status)) connection.config.reconnect = false;
  });

  // Browsers have six connections to a server for all of their tabs. One that goes to the background gives its own
  // back; one that was opened there does so as soon as it has seen how things are.
  document.addEventListener("htmx:sse:after:message", () => {
    if (document.hidden) document.dispatchEvent(new Event("visibilitychange"));
  });
}
