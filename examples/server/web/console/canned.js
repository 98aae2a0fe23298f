// canned.js - an agent's ready-made replies: kept in this browser, chosen from a menu, edited in a sheet.
// SPDX-License-Identifier: MIT

import {composing, el} from '../usher-page.js';

const ENTRIES_MAX = 200;

// [short name, text] each; what was never edited follows the language.
export class CannedStore {
    constructor(prefs, agent, defaults) {
        this._prefs = prefs;
        this._name = `canned.${agent}`;
        this._defaults = defaults;
    }

    get entries() {
        const kept = this._prefs.get(this._name, null);
        return Array.isArray(kept) ? kept.filter((entry) => typeof entry?.[1] === 'string')
            : this._defaults;
    }

    save(entries) {
        this._prefs.set(this._name, entries.slice(0, ENTRIES_MAX));
    }

    restore() {
        this._prefs.remove(this._name);
    }
}

// "Hello {name}, …": without a name also the comma or space before it goes.
export function fillCanned(text, values) {
    return text.replace(/([,،、，]?\s*)\{(name|agent|queue)\}/g,
                        (whole, before, key) => (values[key] ? before + values[key] : ''));
}

// The menu over a composer: a field that filters, and a list to choose from.
export class CannedMenu {
    // {store, texts, values(), put(text), left(slash), edit()}
    constructor(id, options) {
        this._options = options;
        this._at = 0;
        this._list = el('ul', {role: 'listbox', id: `canned-${id}`,
                               'aria-label': options.texts.canned.title});
        this._none = el('p.none', {}, options.texts.canned.none);
        this._found = el('p.unseen', {role: 'status'});
        this._field = el('input', {
            type: 'text', role: 'combobox', autocomplete: 'off', spellcheck: 'false',
            'aria-label': options.texts.canned.filter, 'aria-autocomplete': 'list',
            'aria-controls': `canned-${id}`, 'aria-expanded': 'true',
            placeholder: options.texts.canned.filter,
            oninput: () => this._filter(), onkeydown: (event) => this._key(event)});
        this.node = el('div.canned', {hidden: true}, el('div.line', {}, this._field,
            el('button.small', {type: 'button', onclick: () => {
                this.close(false);
                options.edit();
            }}, options.texts.canned.edit)), this._list, this._none, this._found);
        this.node.addEventListener('focusout', (event) => {
            if (event.relatedTarget !== null && !this.node.contains(event.relatedTarget)) {
                this.node.hidden = true;
            }
        });
        this._id = id;
    }

    get open() {
        return !this.node.hidden;
    }

    show() {
        this._field.value = '';
        this.node.hidden = false;
        this._filter();
        this._field.focus();
    }

    close(back = true, slash = '') {
        this.node.hidden = true;
        if (back) {
            this._options.left(slash);
        }
    }

    _filter() {
        const wanted = this._field.value.trim().toLowerCase();
        const values = this._options.values();
        const fits = ([name, text]) => `${name} ${text}`.toLowerCase().includes(wanted);
        this._texts = this._options.store.entries.filter(fits)
            .map(([name, text]) => [name, fillCanned(text, values)]);
        // A short name that begins so comes first.
        const rank = ([name]) => (name.toLowerCase().startsWith(wanted) ? 0 : 1);
        this._texts.sort((a, b) => rank(a) - rank(b));
        this._list.replaceChildren(...this._texts.map(([name, text], i) => el('li', {
            role: 'option', id: `canned-${this._id}-${i}`, 'aria-selected': 'false',
            onpointerdown: (event) => event.preventDefault(), onclick: () => this._choose(i)},
            el('span.name', {dir: 'auto'}, name), el('span.text', {dir: 'auto'}, text))));
        this._none.hidden = this._texts.length > 0;
        this._list.hidden = this._texts.length === 0;
        this._found.textContent = this._options.texts.count(this._options.texts.canned.found,
                                                            this._texts.length);
        this._mark(0);
    }

    _mark(at) {
        const options = [...this._list.children];
        this._at = options.length === 0 ? 0 : (at + options.length) % options.length;
        options.forEach((node, i) => node.setAttribute('aria-selected', String(i === this._at)));
        if (options.length > 0) {
            this._field.setAttribute('aria-activedescendant', options[this._at].id);
            options[this._at].scrollIntoView({block: 'nearest'});
        } else {
            this._field.removeAttribute('aria-activedescendant');
        }
    }

    _choose(i) {
        this.node.hidden = true;
        this._options.put(this._texts[i][1]);
    }

    _key(event) {
        const {key} = event;
        if (composing(event) || event.altKey) {
            return;
        }
        if (key === 'ArrowDown' || key === 'ArrowUp') {
            event.preventDefault();
            this._mark(this._at + (key === 'ArrowDown' ? 1 : -1));
        } else if (key === 'Enter') {
            event.preventDefault();
            if (this._texts.length > 0) {
                this._choose(this._at);
            }
        } else if (key === 'Escape' || (key === 'Backspace' && this._field.value === '')) {
            event.preventDefault();
            event.stopPropagation();
            this.close();
        } else if (key === '/' && this._field.value === '') {
            // A second one: the reply itself begins with it.
            event.preventDefault();
            this.close(true, '/');
        }
    }
}

// The sheet in which they are edited.
export class CannedEditor {
    constructor(store, texts) {
        this._store = store;
        this._texts = texts;
        this._rows = el('div.rows');
        const button = (name, text, act) => el(`button${name}`, {type: 'button', onclick: act},
                                               text);
        this.node = el('dialog.sheet.editor', {'aria-labelledby': 'canned-title'},
            el('h2', {id: 'canned-title'}, texts.canned.title),
            el('p.hint', {}, texts.canned.about), this._rows,
            el('div.choices', {},
               button('', texts.canned.add, () => this._add('', '').querySelector('input').focus()),
               button('', texts.canned.defaults, () => {
                   store.restore();
                   this._fill();
               })),
            el('div.choices.last', {},
               button('.primary', texts.canned.save, () => this._save()),
               button('', texts.cancel, () => this.node.close())));
    }

    show() {
        this._fill();
        this.node.showModal();
    }

    _fill() {
        this._rows.replaceChildren();
        for (const [name, text] of this._store.entries) {
            this._add(name, text);
        }
    }

    _add(name, text) {
        const {canned} = this._texts;
        const field = el('input', {type: 'text', 'aria-label': canned.name, maxlength: '40',
                                   placeholder: canned.name, dir: 'auto'});
        const area = el('textarea', {rows: '2', 'aria-label': canned.text, dir: 'auto',
                                     placeholder: canned.text, maxlength: '4000'});
        field.value = name;
        area.value = text;
        const label = canned.remove.replace('{name}', name || '…');
        const row = el('div.row', {}, field, area,
                       el('button.square', {type: 'button', title: label, 'aria-label': label,
                                            onclick: () => this._remove(row)}, '×'));
        this._rows.append(row);
        return row;
    }

    // The focus goes to the next row, not to nowhere.
    _remove(row) {
        const next = row.nextElementSibling ?? row.previousElementSibling;
        row.remove();
        (next?.querySelector('input') ?? this.node.querySelector('.choices button')).focus();
    }

    _save() {
        const rows = [...this._rows.children].map((row) => [
            row.querySelector('input').value.trim(), row.querySelector('textarea').value.trim()]);
        this._store.save(rows.filter(([, text]) => text !== ''));
        this.node.close();
    }
}
