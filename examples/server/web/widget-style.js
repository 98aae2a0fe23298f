// widget-style.js - how the visitor's panel looks, as a sheet that a strict page allows.
// SPDX-License-Identifier: MIT

const LIGHT = `
    --paper: #fff;
    --ink: #16201e;
    --soft: #596764;
    --line: #dfe5e2;
    --field: #7f8c88;
    --bubble: #eff3f1;
    --accent-ink: var(--accent);
    --bad: #b3261e;
    --bad-soft: #fdecea;
    --warn: #fff3d6;
    --warn-ink: #5a4300;
    --ok: #1d9a53;
    --edge: #0001;
`;

const DARK = `
    --paper: #161c1a;
    --ink: #e9efed;
    --soft: #a4b2ae;
    --line: #303b38;
    --field: #71807b;
    --bubble: #26302d;
    --accent-ink: color-mix(in srgb, var(--accent) 40%, #fff);
    --bad: #ff9c91;
    --bad-soft: #3c2320;
    --warn: #3b311a;
    --warn-ink: #f5e3b5;
    --ok: #4fd184;
    --edge: #fff2;
`;

// The messages of a session; the console has them, too.
export const THREAD = `
.thread {
    flex: 1 1 auto;
    min-block-size: 0;
    overflow-y: auto;
    overscroll-behavior: contain;
    padding: 1em;
    outline-offset: -3px;
}
.lines, .message { display: flex; flex-direction: column; }
.older, .small {
    min-block-size: 28px;
    padding: .2em 1em;
    border: 1px solid var(--line);
    border-radius: 99px;
    background: var(--paper);
    color: var(--ink);
    font-size: .87em;
}
.older { display: block; margin: 0 auto 1em; }
.message {
    align-items: flex-start;
    max-inline-size: 84%;
    margin-block-start: 1em;
}
.message.more { margin-block-start: 3px; }
.message.mine { align-self: flex-end; align-items: flex-end; }
.message p, .typing { margin: 0; }
.author, .meta, .choices, .secret {
    display: flex; flex-wrap: wrap; align-items: center; gap: .4em;
}
.author, .meta, .event, .typing { color: var(--soft); font-size: .83em; }
.author { padding: 0 .3em .25em; }
.author .name { font-weight: 600; color: var(--ink); }
.author .kind { padding: 0 .5em; border: 1px solid var(--line); border-radius: 99px; }
.author.aside, .message:not(.unsent):has(+ .message.more) > .meta {
    position: absolute;
    inline-size: 1px; block-size: 1px;
    overflow: hidden;
    clip-path: inset(50%);
    white-space: nowrap;
}
.bubble {
    padding: .5em .85em;
    border: 1px solid transparent;
    border-radius: 18px;
    border-end-start-radius: 6px;
    background: var(--bubble);
    color: var(--ink);
    white-space: pre-wrap;
    overflow-wrap: anywhere;
    text-align: start;
    unicode-bidi: plaintext;
}
.bubble a { color: inherit; }
.message.more .bubble { border-start-start-radius: 6px; }
.mine .bubble {
    border-end-start-radius: 18px;
    border-end-end-radius: 6px;
    background: var(--accent);
    color: var(--on-accent);
}
.message.more.mine .bubble { border-start-start-radius: 18px; border-start-end-radius: 6px; }
.meta { padding: .2em .4em 0; }
.tick.read { color: var(--accent-ink); font-weight: 600; }
.unsent .bubble { border: 1px dashed var(--soft); background: none; color: var(--ink); }
.failed .bubble { border: 1px solid var(--bad); background: var(--bad-soft); }
.failed .meta { color: var(--bad); }
.choices { padding-block-start: .35em; }
.event {
    align-self: center;
    max-inline-size: 90%;
    margin: 1em 0 .2em;
    text-align: center;
}
.typing { min-block-size: 1.6em; padding-block-start: .4em; }
`;

const STYLE = `
:host { ${LIGHT} }
@media (prefers-color-scheme: dark) {
    :host(:not([data-theme=light])) { ${DARK} }
}
:host([data-theme=dark]) { ${DARK} }
.panel, .panel * { box-sizing: border-box; }
.panel[hidden], .panel [hidden] { display: none !important; }
.panel {
    position: absolute;
    inset-block-end: 76px;
    inset-inline-end: 0;
    display: flex;
    flex-direction: column;
    inline-size: min(calc(152px + 240px * var(--zoom)), calc(100vw - 40px));
    block-size: min(calc(420px + 220px * var(--zoom)), calc(100vh - 116px));
    overflow: hidden;
    border-radius: 20px;
    outline: none;
    background: var(--paper);
    color: var(--ink);
    font-size: calc(15px * var(--zoom));
    box-shadow: 0 0 0 1px var(--edge), 0 16px 56px rgb(0 0 0 / .25);
    animation: rise .2s ease-out;
}
@keyframes rise { from { opacity: 0; transform: translateY(12px); } }
:where(.panel) :is(h2, h3, p, fieldset) { margin: 0; }
.panel :is(button, input, textarea) { font: inherit; color: inherit; }
.panel button { cursor: pointer; }
.panel :focus-visible { outline: 2px solid var(--accent-ink); outline-offset: 2px; }
.panel ::placeholder { color: var(--soft); opacity: 1; }
.panel svg { inline-size: 22px; block-size: 22px; }
.head, .banner, .choice, .composer, .foot, .bar, .people {
    display: flex; flex-wrap: wrap; align-items: center; gap: .4em .8em;
}
.head {
    flex-wrap: nowrap;
    padding: .8em;
    padding-inline-start: 1.2em;
    border-block-end: 1px solid var(--line);
}
.face, .square { flex: none; display: grid; place-items: center; border-radius: 50%; }
.face {
    position: relative;
    inline-size: 2.6em; block-size: 2.6em;
    background: var(--accent);
    color: var(--on-accent);
    font-weight: 600;
}
.face::after, .state::before {
    content: "";
    flex: none;
    inline-size: .6em; block-size: .6em;
    border-radius: 50%;
    background: #98a29f;
}
.face::after {
    position: absolute;
    inset-block-end: -1px; inset-inline-end: -1px;
    border: 2px solid var(--paper);
}
.face[data-here=true]::after, .state.ready::before { background: var(--ok); }
.who { flex: 1; min-inline-size: 0; }
.who h2 { font-size: 1.07em; font-weight: 600; }
.status, .banner, .place, .notice, .start label, .start legend, .error, .count, .foot, .bar p {
    font-size: .87em;
}
.status, .place, .foot, .bar p, .state, .start small { color: var(--soft); }
.square { inline-size: 38px; block-size: 38px; padding: 0; border: 0; background: none; }
.square:hover, .foot button:hover { background: var(--bubble); }
.banner, .place, .notice, .bar { padding: .6em 1.4em; }
.banner, .notice { background: var(--warn); color: var(--warn-ink); }
.banner span { flex: 1; min-inline-size: 12em; }
.start {
    flex: 1 1 auto;
    min-block-size: 0;
    overflow-y: auto;
    overscroll-behavior: contain;
    display: flex;
    flex-direction: column;
    gap: .8em;
    padding: 1.2em;
}
.start > *, .start .primary { flex: none; }
.start h3 { font-size: 1.4em; font-weight: 600; line-height: 1.25; }
.start label, .start legend { padding: 0 0 .4em; font-weight: 600; }
.start small { font-weight: 400; }
.state { display: flex; gap: .6em; font-size: .93em; }
.state::before { margin-block-start: .4em; }
.state.away::before { background: #e7a321; }
.queues { padding: 0; border: 0; }
.start .choice, .start input:not([type=radio]), .start textarea {
    min-block-size: 44px;
    padding: .5em .85em;
    border: 1px solid var(--field);
    border-radius: 12px;
    background: var(--paper);
}
.start .choice { margin-block-end: .4em; border-color: var(--line); }
.start .choice:has(:disabled) { background: var(--bubble); }
.choice input { accent-color: var(--accent-ink); }
.choice span { flex: 1; font-weight: 400; font-size: 1.13em; }
.people > div { flex: 1 1 9em; }
.people input { inline-size: 100%; margin-block-start: .4em; }
.panel textarea { resize: none; unicode-bidi: plaintext; text-align: start; }
.start textarea { flex: 1 0 6em; margin-block-start: -.8em; }
.error, .count { color: var(--bad); }
.error:empty { display: none; }
.primary, .danger, .bar button {
    flex: 1;
    min-block-size: 44px;
    padding: .5em 1em;
    border: 1px solid var(--line);
    border-radius: 99px;
    background: none;
    font-weight: 600 !important;
}
.panel .primary, .panel .send { background: var(--accent); color: var(--on-accent); }
.panel .danger { background: var(--bad); color: var(--paper); }
.panel .primary:disabled, .panel .send:disabled {
    background: var(--bubble); color: var(--soft); cursor: default;
}
.place, .bar { border-block-start: 1px solid var(--line); }
.bar p { flex: 1 1 100%; }
.composer {
    gap: 0;
    align-items: flex-end;
    margin: 0 .8em;
    padding: 3px;
    border: 1px solid var(--field);
    border-radius: 24px;
}
.composer:focus-within, .start .choice:has(:checked) {
    border-color: var(--accent-ink);
    box-shadow: 0 0 0 1px var(--accent-ink);
}
.composer .count { flex: 1 1 100%; padding: .4em 1em 0; }
.panel .composer textarea {
    flex: 1;
    min-inline-size: 0;
    max-block-size: 8.6em;
    padding: calc(19px - .72em) 1em;
    border: 0;
    outline: none;
    background: none;
}
.foot { gap: 0; min-block-size: 44px; padding: 0 .8em; }
.foot button {
    min-inline-size: 36px; min-block-size: 36px;
    padding: 0 .8em;
    border: 0;
    border-radius: 99px;
    background: none;
}
.foot button:disabled { opacity: .45; cursor: default; }
.foot .end { margin-inline-start: auto; }
.smaller, .larger { direction: ltr; }
.larger { font-size: 1.2em !important; }
@media (max-width: 519px) {
    .panel {
        position: fixed;
        inset: var(--view-top, 0) 0 auto;
        inline-size: 100%;
        block-size: var(--view-height, 100vh);
        border-radius: 0;
        padding-block-end: env(safe-area-inset-bottom);
    }
    .panel :is(input, textarea) { font-size: max(16px, 1em) !important; }
}
@media (prefers-reduced-motion) {
    .panel { animation: none; }
}
`;

export const sheet = new CSSStyleSheet();
sheet.replaceSync(THREAD + STYLE);
