// keys.js - the keyboard of the console: which keys do what, and the list that `?` shows.
// SPDX-License-Identifier: MIT
//
// All of them hold Alt, so that they work while a reply is being written. They are
// found by the place of the key, since Alt makes other signs on some keyboards; none
// is a letter with which Polish is written.

import {composing, el} from '../usher-page.js';

export const KEYS = [
    {id: 'pick', codes: ['Digit1', 'Digit2', 'Digit3', 'Digit4', 'Digit5', 'Digit6'],
     show: ['1', '…', '6'], group: 'sessions'},
    {id: 'next', codes: ['ArrowDown'], show: ['↓'], group: 'sessions'},
    {id: 'previous', codes: ['ArrowUp'], show: ['↑'], group: 'sessions'},
    {id: 'unread', codes: ['KeyU'], show: ['U'], group: 'sessions'},
    {id: 'accept', codes: ['KeyY'], show: ['Y'], group: 'sessions'},
    {id: 'decline', codes: ['KeyY'], shift: true, show: ['Y'], group: 'sessions'},
    {id: 'reply', codes: ['KeyR'], show: ['R'], group: 'work'},
    {id: 'whisper', codes: ['KeyW'], show: ['W'], group: 'work'},
    {id: 'move', codes: ['KeyT'], show: ['T'], group: 'work'},
    {id: 'end', codes: ['KeyK'], show: ['K'], group: 'work'},
    {id: 'hide', codes: ['KeyH'], show: ['H'], group: 'work'},
    {id: 'customer', codes: ['KeyP'], show: ['P'], group: 'work'},
    {id: 'alone', codes: ['KeyM'], show: ['M'], group: 'work'},
    {id: 'ready', codes: ['KeyG'], show: ['G'], group: 'desk'},
    {id: 'board', codes: ['KeyV'], show: ['V'], group: 'desk'},
];
// What other parts listen for; it stands in the list all the same.
const ALSO = [
    {id: 'canned', show: ['/'], group: 'work'},
    {id: 'send', show: ['Enter'], group: 'work'},
    {id: 'line', show: ['Shift', 'Enter'], group: 'work'},
    {id: 'help', show: ['?'], group: 'desk'},
    {id: 'escape', show: ['Esc'], group: 'desk'},
];
const ALT = /mac|iphone|ipad/i.test(globalThis.navigator?.platform ?? '') ? '⌥' : 'Alt';

// For aria-keyshortcuts.
export function shortcut(id) {
    const key = KEYS.find((one) => one.id === id);
    return `Alt+${key.shift ? 'Shift+' : ''}${key.show.at(-1)}`;
}

export function typing(target) {
    return target instanceof Element
        && target.matches('input:not([type=checkbox]), textarea, select');
}

// {id, n}: what this key means, n from 1; null: nothing.
export function meaning(event) {
    if (composing(event) || event.ctrlKey || event.metaKey) {
        return null;
    }
    if (!event.altKey) {
        return event.key === '?' && !typing(event.target) ? {id: 'help', n: 1} : null;
    }
    for (const key of KEYS) {
        const n = key.codes.indexOf(event.code) + 1;
        if (n > 0 && event.shiftKey === (key.shift ?? false)) {
            return {id: key.id, n};
        }
    }
    return null;
}

export class Help {
    constructor(texts, prefs) {
        const words = texts.keys;
        const box = el('input', {type: 'checkbox', onchange: () => prefs.set('keys', box.checked)});
        box.checked = prefs.get('keys', true);
        this._box = box;
        this.node = el('dialog.sheet', {'aria-labelledby': 'help-title'},
                       el('h2', {id: 'help-title'}, words.title),
                       el('label.check', {}, box, words.on),
                       el('div.groups', {}, ...Object.entries(words.groups).map(
                           ([group, title]) => this._group(group, title, words))),
                       el('div.choices', {}, el('button.primary', {
                           type: 'button', onclick: () => this.node.close()}, words.close)));
    }

    get on() {
        return this._box.checked;
    }

    toggle() {
        if (this.node.open) {
            this.node.close();
        } else {
            this.node.showModal();
        }
    }

    _group(group, title, words) {
        const rows = [...KEYS, ...ALSO].filter((key) => key.group === group);
        return el('section', {}, el('h3', {}, title), el('dl', {}, ...rows.map((key) => el(
            'div', {}, el('dt', {}, ...this._caps(key)), el('dd', {}, words[key.id])))));
    }

    _caps(key) {
        const names = [...key.codes ? [ALT] : [], ...key.shift ? ['Shift'] : [], ...key.show];
        return names.map((name) => (name === '…' ? '…' : el('kbd', {}, name)));
    }
}
