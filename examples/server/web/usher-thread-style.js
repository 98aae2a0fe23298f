// usher-thread-style.js - how the messages of a session look, in the panel and in the console.
// SPDX-License-Identifier: MIT

export const THREAD_STYLE = `
.thread {
    flex: 1 1 auto;
    min-block-size: 0;
    overflow-y: auto;
    overscroll-behavior: contain;
    padding: 16px;
    outline-offset: -3px;
}
.lines { display: flex; flex-direction: column; }
.older {
    display: block;
    margin: 0 auto 12px;
    padding: 6px 14px;
    border: 1px solid var(--line);
    border-radius: 99px;
    background: none;
    color: var(--soft);
    font: inherit; font-size: 13px;
    cursor: pointer;
}
.older[hidden] { display: none; }
.older:hover { color: var(--ink); border-color: var(--soft); }
.message {
    display: flex;
    flex-direction: column;
    align-items: flex-start;
    max-inline-size: 84%;
    margin-block-start: 14px;
}
.message.more { margin-block-start: 4px; }
.message.mine { align-self: flex-end; align-items: flex-end; }
.message p { margin: 0; }
.author {
    display: flex; flex-wrap: wrap; align-items: center; gap: 6px;
    padding: 0 4px 3px;
    font-size: 12.5px;
    color: var(--soft);
}
.author .name { font-weight: 600; color: var(--ink); }
.author .kind {
    padding: 0 6px;
    border: 1px solid var(--line);
    border-radius: 99px;
    font-size: 11px; line-height: 16px;
}
.author .kind.bot { border-style: dashed; }
.author.aside {
    position: absolute;
    inline-size: 1px; block-size: 1px;
    overflow: hidden; clip-path: inset(50%);
    white-space: nowrap;
}
.bubble {
    padding: 8px 13px;
    border-radius: 16px 16px 16px 5px;
    background: var(--bubble);
    color: var(--ink);
    white-space: pre-wrap;
    overflow-wrap: anywhere;
}
.bubble:dir(rtl) { text-align: right; }
.bubble a { color: inherit; text-underline-offset: 2px; }
.mine .bubble {
    border-radius: 16px 16px 5px 16px;
    background: var(--accent);
    color: var(--on-accent);
}
.message.more:not(.mine) .bubble { border-start-start-radius: 5px; }
.message.more.mine .bubble { border-start-end-radius: 5px; }
.internal .bubble, .mine.internal .bubble {
    border: 1px dashed var(--note-line);
    background: var(--note);
    color: var(--note-ink);
}
.secret {
    display: inline-flex; align-items: center; gap: 4px;
    color: var(--note-strong);
    font-weight: 600;
}
.secret .icon { inline-size: 13px; block-size: 13px; }
.meta {
    display: flex; gap: 6px;
    padding: 2px 5px 0;
    font-size: 11.5px;
    color: var(--soft);
}
.tick.read { color: var(--accent-ink); font-weight: 600; }
.unsent .bubble { opacity: .62; }
.unsent.failed .bubble { opacity: 1; background: var(--bad-soft); color: var(--ink); }
.unsent.failed .meta { color: var(--bad); }
.choices { display: flex; gap: 6px; padding-block-start: 5px; }
.small {
    padding: 3px 10px;
    border: 1px solid var(--line);
    border-radius: 99px;
    background: var(--paper);
    color: var(--ink);
    font: inherit; font-size: 12.5px;
    cursor: pointer;
}
.event {
    align-self: center;
    max-inline-size: 90%;
    margin: 14px 0 2px;
    font-size: 12.5px;
    text-align: center;
    color: var(--soft);
}
.typing {
    min-block-size: 20px;
    margin: 6px 0 0;
    font-size: 12.5px;
    font-style: italic;
    color: var(--soft);
}
`;
