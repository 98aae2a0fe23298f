// board.js - a supervisor's live board: how the queues are, and what each agent is doing.
// SPDX-License-Identifier: MIT

import {el, keepChildren} from '../usher-page.js';

const LONG_MS = 60000;          // a wait that should be looked at
const TOO_LONG_MS = 180000;

function rowsById(known, rows) {
    for (const row of rows ?? []) {
        known.set(row.id, row);
    }
}

// 2:05, or 1:02:05.
export function stopwatch(ms) {
    const s = Math.max(0, Math.floor(ms / 1000));
    const two = (n) => String(n).padStart(2, '0');
    const rest = `${Math.floor(s / 60) % 60}:${two(s % 60)}`;
    return s < 3600 ? rest : `${Math.floor(s / 3600)}:${rest.padStart(5, '0')}`;
}

// The first notes hold all rows, later ones those that changed, whole.
export class BoardRows {
    constructor() {
        this.clear();
    }

    clear() {
        this.queues = new Map();
        this.agents = new Map();
        this.known = false;
    }

    merge(note) {
        rowsById(this.queues, note.queues);
        rowsById(this.agents, note.agents);
        this.known = true;
    }

    totals() {
        const queues = [...this.queues.values()];
        const agents = [...this.agents.values()];
        const sum = (name) => queues.reduce((total, queue) => total + (queue[name] ?? 0), 0);
        const oldest = queues.map((queue) => queue.oldest_at).filter((at) => at !== undefined);
        return {waiting: sum('waiting'), active: sum('active'),
                oldest_at: oldest.length === 0 ? undefined : Math.min(...oldest),
                ready: agents.filter((agent) => agent.here && agent.ready).length,
                here: agents.filter((agent) => agent.here).length};
    }
}

export class Board {
    constructor(link, texts, signal) {
        this._link = link;
        this._texts = texts;
        this._rows = new BoardRows();
        this._nodes = new Map();        // 'queues.sales' -> {node, cells}
        this._on = false;
        this._refused = false;
        this._build();
        const timer = setInterval(() => this._on && this.draw(), 1000);
        signal.addEventListener('abort', () => clearInterval(timer));
    }

    _build() {
        const {board} = this._texts;
        this._say = el('p.note', {role: 'status'});
        this._tiles = {};
        const tile = (name) => {
            this._tiles[name] = el('b');
            this._tiles[`${name}_more`] = el('span');
            return el(`div.tile.${name}`, {}, el('p', {}, board[name]), this._tiles[name],
                      this._tiles[`${name}_more`]);
        };
        const table = (name, titles) => {
            const body = el('tbody');
            this[`_${name}`] = body;
            return el('section.panel', {'aria-labelledby': `board-${name}`},
                      el('h3', {id: `board-${name}`}, board[name]),
                      el(`table.${name}`, {'aria-labelledby': `board-${name}`},
                         el('thead', {}, el('tr', {}, ...titles.map(
                             (title) => el('th', {scope: 'col'}, board[title])))), body));
        };
        this._figures = el('div.figures', {},
            el('div.tiles', {}, ...['waiting', 'longest', 'active', 'agents_ready'].map(tile)),
            el('div.tables', {},
               table('queues', ['queue', 'waiting', 'longest', 'active', 'ready']),
               table('agents', ['agent', 'state', 'load'])));
        this.node = el('section.board', {'aria-labelledby': 'board', tabindex: '0'},
                       el('h2', {id: 'board'}, board.title), this._say, this._figures);
    }

    // Ask for the notes, or for no more of them; again after each hello.
    watch(on) {
        this._on = on;
        if (!on && this._link.state !== 'open') {
            return;
        }
        if (on) {
            this._rows.clear();
            this._refused = false;
        }
        this._link.board(on).catch(() => {
            this._refused = on;
            this.draw();
        });
        this.draw();
    }

    get on() {
        return this._on;
    }

    // A new link knows nothing of what the old one was asked. What was known stays until then.
    greeted() {
        if (this._on) {
            this.watch(true);
        }
    }

    note(note) {
        this._rows.merge(note);
        this.draw();
    }

    draw() {
        const {board} = this._texts;
        this._set(this._say, this._refused ? board.refused
            : this._link.state !== 'open' ? (this._rows.known ? board.stale : board.loading)
                : this._rows.known ? '' : board.loading);
        this._say.hidden = this._say.textContent === '';
        this._figures.hidden = !this._rows.known;
        this._drawTiles();
        keepChildren(this._queues, [...this._rows.queues.values()].map((row) => this._queue(row)));
        keepChildren(this._agents, [...this._rows.agents.values()].map((row) => this._agent(row)));
    }

    _drawTiles() {
        const {number, board} = {number: (n) => this._texts.number(n), ...this._texts};
        const totals = this._rows.totals();
        this._set(this._tiles.waiting, number(totals.waiting));
        this._wait(this._tiles.longest, totals.oldest_at);
        this._set(this._tiles.active, number(totals.active));
        this._set(this._tiles.agents_ready, number(totals.ready));
        this._set(this._tiles.agents_ready_more,
                  board.of_here.replace('{n}', number(totals.here)));
    }

    _queue(row) {
        const {name, open, cells: [waiting, longest, active, ready]} = this._row(
            'queues', row, 4, {open: el('span.pill')});
        this._set(name, row.name || row.id);
        this._set(open, row.open === false ? this._texts.board.closed : '');
        open.hidden = row.open !== false;
        this._set(waiting, this._texts.number(row.waiting ?? 0));
        waiting.classList.toggle('zero', !row.waiting);
        this._wait(longest, row.oldest_at);
        this._set(active, this._texts.number(row.active ?? 0));
        active.classList.toggle('zero', !row.active);
        this._set(ready, this._texts.number(row.ready ?? 0));
        ready.classList.toggle('bad', !row.ready && row.waiting > 0);
        return this._nodes.get(`queues.${row.id}`).node;
    }

    _agent(row) {
        const {board} = this._texts;
        const kept = this._row('agents', row, 2, {});
        const [state, load] = kept.cells;
        const now = !row.here ? 'gone' : row.ready ? 'ready' : 'away';
        kept.bar ??= this._bar(state, load, kept);
        this._set(kept.name, row.name || row.id);
        kept.node.className = `is-${now}`;
        const why = now === 'ready' ? '' : board.whys[row.why] ?? '';
        this._set(kept.word, board.states[now]);
        this._set(kept.why, why);
        this._set(kept.load, board.load_of.replace('{n}', this._texts.number(row.load ?? 0))
            .replace('{max}', this._texts.number(row.capacity ?? 0)));
        const share = row.capacity > 0 ? Math.min(1, row.load / row.capacity) : 0;
        kept.bar.style.inlineSize = `${Math.round(100 * share)}%`;
        kept.bar.classList.toggle('full', share === 1);
        return kept.node;
    }

    _bar(state, load, kept) {
        const bar = el('span.fill');
        Object.assign(kept, {word: el('span.word'), why: el('span.why'), load: el('span')});
        state.append(kept.word, kept.why);
        load.append(el('span.load', {'aria-hidden': 'true'}, bar), kept.load);
        return bar;
    }

    _row(table, row, n, more) {
        const id = `${table}.${row.id}`;
        let kept = this._nodes.get(id);
        if (kept === undefined) {
            const name = el('bdi');
            const cells = Array.from({length: n}, () => el('td'));
            kept = {name, cells, ...more, node: el('tr', {}, el(
                'th', {scope: 'row'}, name, ...Object.values(more)), ...cells)};
            this._nodes.set(id, kept);
        }
        return kept;
    }

    _wait(node, oldest_at) {
        const ms = oldest_at === undefined ? 0 : this._link.serverNow() - oldest_at;
        this._set(node, oldest_at === undefined ? '–' : stopwatch(ms));
        node.classList.toggle('zero', oldest_at === undefined);
        node.classList.toggle('long', ms >= LONG_MS && ms < TOO_LONG_MS);
        node.classList.toggle('bad', ms >= TOO_LONG_MS);
    }

    _set(node, text) {
        if (node.textContent !== text) {
            node.textContent = text;
        }
    }
}
