// widget-style.js - how the visitor's panel looks, as a sheet that a strict page allows.
// SPDX-License-Identifier: MIT

import {THREAD_STYLE} from './usher-thread-style.js';

const STYLE = `
:host {
    --paper: #fff;
    --ink: #17211f;
    --soft: #5c6a67;
    --line: #d9e0dd;
    --bubble: #eef2f0;
    --accent-ink: var(--usher-accent-ink, var(--accent));
    --bad: #b3261e;
    --bad-soft: #fbe5e2;
    --warn: #fff3d6;
    --warn-ink: #5a4300;
    --ok: #1f8f4e;
}
.panel, .panel * { box-sizing: border-box; }
.panel [hidden], .panel[hidden] { display: none !important; }
.panel {
    position: absolute;
    inset-block-end: 76px;
    inset-inline-end: 0;
    display: flex;
    flex-direction: column;
    inline-size: 384px;
    block-size: min(620px, calc(100vh - 120px));
    overflow: hidden;
    border-radius: 18px;
    background: var(--paper);
    color: var(--ink);
    box-shadow: 0 0 0 1px rgb(0 0 0 / .06), 0 16px 48px rgb(0 0 0 / .24);
    animation: rise .18s ease-out;
}
.panel:focus { outline: none; }
@keyframes rise { from { opacity: 0; transform: translateY(10px); } }
.panel button, .panel input, .panel textarea { font: inherit; color: inherit; }
.panel :focus-visible { outline: 2px solid var(--accent-ink); outline-offset: 2px; }
.icon {
    inline-size: 22px; block-size: 22px;
    fill: none; stroke: currentColor; stroke-width: 1.8;
    stroke-linecap: round; stroke-linejoin: round;
}
.head {
    display: flex;
    align-items: center;
    gap: 2px;
    min-block-size: 64px;
    padding: 10px 10px 10px 18px;
    background: var(--accent);
    color: var(--on-accent);
}
.head .who { flex: 1; min-inline-size: 0; }
.head h2 { margin: 0; font-size: 17px; line-height: 1.3; font-weight: 650; }
.status { margin: 0; font-size: 13.5px; opacity: .92; }
.status:empty { display: none; }
.square {
    flex: none;
    display: grid;
    place-items: center;
    inline-size: 44px; block-size: 44px;
    padding: 0;
    border: 0;
    border-radius: 12px;
    background: none;
    cursor: pointer;
}
.head .end {
    min-block-size: 36px;
    padding: 4px 14px;
    border: 1px solid rgb(255 255 255 / .5);
    border-radius: 99px;
    background: none;
    font-size: 14px !important;
    cursor: pointer;
}
.head .square:hover, .head .end:hover { background: rgb(255 255 255 / .16); }
.panel .head :focus-visible { outline-color: var(--on-accent); outline-offset: -3px; }
.banner {
    padding: 9px 18px;
    border: 0;
    background: var(--warn);
    text-align: start;
    cursor: pointer;
    font-size: 13.5px !important;
    color: var(--warn-ink) !important;
}
.start {
    flex: 1 1 auto;
    min-block-size: 0;
    overflow-y: auto;
    overscroll-behavior: contain;
    display: flex;
    flex-direction: column;
    gap: 10px;
    padding: 18px;
}
.start > * { flex: none; }
.start h3 { margin: 0; font-size: 19px; font-weight: 650; }
.start label, .start legend { font-size: 13.5px; font-weight: 600; padding: 0; }
.start small { font-size: 12.5px; font-weight: 400; color: var(--soft); }
.state { display: flex; gap: 8px; margin: -4px 0 4px; font-size: 14px; color: var(--soft); }
.state:empty { visibility: hidden; }
.state::before {
    content: ""; flex: none;
    inline-size: 9px; block-size: 9px;
    margin-block-start: 6px;
    border-radius: 50%;
    background: #9aa3a0;
}
.state.ready::before { background: var(--ok); }
.state.away::before { background: #e7a321; }
.queues { display: grid; gap: 6px; margin: 0; padding: 0; border: 0; }
.queues legend { padding-block-end: 6px; }
.choice {
    display: flex; align-items: center; gap: 10px;
    min-block-size: 42px;
    padding: 6px 12px !important;
    border: 1px solid var(--line);
    border-radius: 10px;
    font-weight: 400 !important;
    cursor: pointer;
}
.choice:has(:checked) { border-color: var(--accent-ink); box-shadow: 0 0 0 1px var(--accent-ink); }
.choice:has(:disabled) { opacity: .55; cursor: default; }
.choice input { accent-color: var(--accent-ink); margin: 0; }
.choice span { flex: 1; font-size: 15px; }
.people { display: grid; grid-template-columns: 1fr 1fr; gap: 10px; }
.people > div { display: grid; gap: 5px; min-inline-size: 0; }
.start input:not([type=radio]), .panel textarea {
    inline-size: 100%;
    padding: 9px 12px;
    border: 1px solid var(--line);
    border-radius: 10px;
    background: var(--paper);
    resize: none;
}
.start textarea { min-block-size: 96px; }
.start label + textarea { margin-block-start: -4px; }
.error, .count, .notice { margin: 0; font-size: 13.5px; color: var(--bad); }
.error:empty, .count:empty, .notice:empty { display: none; }
.notice { padding: 8px 18px; background: var(--warn); color: var(--warn-ink); }
.primary, .danger, .bar button {
    min-block-size: 44px;
    padding: 8px 18px;
    border: 1px solid var(--line);
    border-radius: 12px;
    background: none;
    font-weight: 600 !important;
    cursor: pointer;
}
.panel .primary {
    border-color: transparent;
    background: var(--accent);
    color: var(--on-accent);
}
.panel .danger { border-color: transparent; background: var(--bad); color: var(--paper); }
.primary:hover:enabled, .danger:hover { filter: brightness(1.08); }
.primary:disabled { opacity: .5; cursor: default; }
.place {
    margin: 0;
    padding: 8px 18px;
    background: var(--bubble);
    font-size: 13.5px;
    text-align: center;
}
.bar {
    display: flex; flex-wrap: wrap; align-items: center; gap: 8px;
    padding: 12px 16px;
    border-block-start: 1px solid var(--line);
}
.bar p { flex: 1 1 100%; margin: 0; font-size: 14px; color: var(--soft); }
.bar button { flex: 1; }
.composer {
    display: flex; flex-wrap: wrap; align-items: flex-end; gap: 4px;
    padding: 10px 8px 10px 14px;
    border-block-start: 1px solid var(--line);
}
.composer .count { flex: 1 1 100%; padding-block-end: 4px; }
.composer textarea { flex: 1; inline-size: auto; max-block-size: 132px; min-block-size: 42px; }
.composer .send { color: var(--accent-ink); }
.composer .send:hover { background: var(--bubble); }
@media (max-width: 519px) {
    .panel {
        position: fixed;
        inset: auto 0 auto 0;
        inset-block-start: var(--view-top, 0);
        inline-size: 100%;
        block-size: var(--view-height, 100vh);
        border-radius: 0;
        padding-block-end: env(safe-area-inset-bottom);
    }
    .start input, .panel textarea { font-size: 16px !important; }
}
@media (prefers-color-scheme: dark) {
    :host {
        --paper: #1b2321;
        --ink: #e8eeec;
        --soft: #a3b1ad;
        --line: #37433f;
        --bubble: #2a3532;
        --accent-ink: var(--usher-accent-ink-dark, #6fcdbb);
        --bad: #ff9c91;
        --bad-soft: #4a2723;
        --warn: #41361a;
        --warn-ink: #f5e3b5;
        --ok: #4fd184;
    }
    .panel { box-shadow: 0 0 0 1px rgb(255 255 255 / .1), 0 16px 48px rgb(0 0 0 / .6); }
}
@media (prefers-reduced-motion: reduce) {
    .panel { animation: none; }
}
`;

export const sheet = new CSSStyleSheet();
sheet.replaceSync(STYLE + THREAD_STYLE);
