// Keeps a page fresh: fetches it again, and puts in the parts that have changed. Everything works without this, too.
"use strict";
(() => {
  const refresh = document.querySelector("[data-refresh]");
  const form = document.querySelector("form.filter");
  const lost = document.getElementById("lost");
  const every = Number(refresh.dataset.refresh) * 1000;
  let timer = 0;
  let latest = 0;
  let over = false;

  function replace(part, fresh) {
    const selection = getSelection();
    const selecting = !selection.isCollapsed && part.contains(selection.anchorNode);
    if (selecting || part.isEqualNode(fresh)) return;
    const focused = part.contains(document.activeElement) ? document.activeElement.id : "";
    // What scrolls is the part itself, or a table in it.
    const places = [part, ...part.querySelectorAll(".scroll[id]")].map((it) => [it.id, it.scrollLeft, it.scrollTop]);
    part.replaceWith(fresh);
    for (const [id, left, top] of places) document.getElementById(id)?.scrollTo({ left, top, behavior: "instant" });
    if (focused) document.getElementById(focused)?.focus({ preventScroll: true });
  }

  async function update() {
    clearTimeout(timer);
    if (document.hidden || over) return;
    const mine = ++latest;
    try {
      const answer = await fetch(location.href, { cache: "no-store", signal: AbortSignal.timeout(10000) });
      const text = await answer.text();
      if (mine !== latest) return; // a newer question is on its way
      const page = new DOMParser().parseFromString(text, "text/html");
      const gone = page.querySelector("[data-gone]"); // a proxy's 404 has no such thing
      if (answer.status === 404 && gone) {
        over = true;
        lost.textContent = `${gone.textContent} What is shown is old.`;
        lost.hidden = false;
        return;
      }
      if (!answer.ok) throw new Error(String(answer.status));
      for (const part of document.querySelectorAll("[data-live]")) {
        const fresh = page.getElementById(part.id);
        if (fresh) replace(part, document.adoptNode(fresh));
      }
      const news = document.querySelector("[data-news]");
      const said = page.querySelector("[data-news]");
      // Only what has changed is read out.
      if (news && said && news.textContent !== said.textContent) news.textContent = said.textContent;
      lost.hidden = true;
    } catch {
      if (mine === latest) lost.hidden = false;
    }
    if (mine === latest) timer = setTimeout(update, every);
  }

  form?.addEventListener("input", () => {
    const address = new URL(location.href);
    address.search = new URLSearchParams(new FormData(form)).toString();
    history.replaceState(null, "", address);
    clearTimeout(timer);
    timer = setTimeout(update, 150);
  });
  form?.addEventListener("submit", (event) => {
    event.preventDefault();
    update();
  });
  document.addEventListener("visibilitychange", update);
  timer = setTimeout(update, every);
})();
