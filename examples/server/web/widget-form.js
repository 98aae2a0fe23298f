// widget-form.js - the form before a session: which queue, who, and the first message.
// SPDX-License-Identifier: MIT

import {el, fill, keepChildren, sendsOnEnter} from './usher-page.js';
import {byteLength, cleanName} from './usher-text.js';

const TYPES = {email: 'email'};
const COMPLETE = {name: 'name', email: 'email'};
const LONGEST = {name: 80, email: 254};

export class StartForm {
    // submit({queue, body, form}) when it is filled in.
    constructor(link, texts, submit) {
        this._link = link;
        this._texts = texts;
        this._submit = submit;
        this._made_for = null;
        this._fields = new Map();
        this._state = el('p.state', {role: 'status'});
        this._error = el('p.error', {role: 'alert', id: 'start-error'});
        this._queues = el('fieldset.queues');
        this._people = el('div.people');
        this._body = el('textarea', {id: 'start-body', rows: '4', required: true,
                                     placeholder: texts.message_hint,
                                     'aria-describedby': 'start-error'});
        this._button = el('button.primary', {type: 'submit'}, texts.form.start);
        sendsOnEnter(this._body, () => this.node.requestSubmit());
        this.node = el('form.start', {novalidate: true, onsubmit: (event) => this._go(event)},
                       el('h3', {}, texts.form.hello), this._state, this._queues, this._people,
                       el('label', {for: 'start-body'}, texts.message), this._body,
                       this._error, this._button);
    }

    focus() {
        this._body.focus({preventScroll: true});
    }

    // Say why the last try failed, and give back what was written.
    failed(why, form, body) {
        this._error.textContent = why;
        this._body.value ||= body;
        for (const [name, input] of this._fields) {
            input.value ||= form[name] ?? '';
        }
    }

    // `desk` is what the last answer said: {open, ready}, for when it is older than the link.
    draw(desk) {
        const known = this._link.desk;
        const shape = JSON.stringify([known?.queues ?? [], known?.form ?? []]);
        if (shape !== this._made_for) {
            this._made_for = shape;
            this._drawQueues(known?.queues ?? []);
            this._drawPeople(known?.form ?? []);
        }
        const open = known === null || known.open;
        const ready = known?.queues.some((queue) => queue.open && queue.ready) || desk?.ready;
        const words = known === null ? '' : !open ? this._texts.form.closed
            : ready ? this._texts.form.ready : this._texts.form.away;
        if (this._state.textContent !== words) {
            this._state.textContent = words;
        }
        this._state.className = `state ${!open ? 'closed' : ready ? 'ready' : 'away'}`;
        this._button.disabled = !open || known === null;
    }

    _drawQueues(queues) {
        const chosen = this._queue();
        this._queues.hidden = queues.length < 2;
        const first = queues.find((queue) => queue.id === chosen && queue.open)
            ?? queues.find((queue) => queue.open);
        keepChildren(this._queues, [el('legend', {}, this._texts.form.queue),
                                    ...queues.map((queue) => this._choice(queue, first))]);
    }

    _choice(queue, first) {
        const note = !queue.open ? this._texts.form.queue_closed
            : !queue.ready ? this._texts.form.queue_away : '';
        return el('label.choice', {},
                  el('input', {type: 'radio', name: 'queue', value: queue.id,
                               disabled: !queue.open, checked: queue === first}),
                  el('span', {dir: 'auto'}, queue.name || queue.id),
                  note === '' ? null : el('small', {}, note));
    }

    _drawPeople(fields) {
        const old = this._fields;
        this._fields = new Map();
        const nodes = fields.filter((field) => field.name in LONGEST).map((field) => {
            const id = `start-${field.name}`;
            const input = el('input', {id, type: TYPES[field.name] ?? 'text',
                                       autocomplete: COMPLETE[field.name],
                                       maxlength: String(LONGEST[field.name]),
                                       required: field.required === true});
            input.value = old.get(field.name)?.value ?? '';
            this._fields.set(field.name, input);
            return el('div', {}, el('label', {for: id}, this._texts.form[field.name],
                                    field.required ? null
                                        : el('small', {}, ` ${this._texts.form.optional}`)),
                      input);
        });
        keepChildren(this._people, nodes);
    }

    _queue() {
        return this._queues.querySelector('input:checked')?.value
            ?? this._link.desk?.queues.find((queue) => queue.open)?.id;
    }

    _go(event) {
        event.preventDefault();
        const body = this._body.value.trim();
        const over = byteLength(body) - this._link.limits.body;
        const bad = [...this._fields.values(), this._body].find((input) => !input.checkValidity());
        if (this._button.disabled) {
            return;
        }
        if (over > 0) {
            this._error.textContent = fill(this._texts.too_long, {n: over});
            this._body.focus();
        } else if (bad !== undefined || body === '') {
            this._error.textContent = (bad ?? this._body).validationMessage;
            (bad ?? this._body).focus();
        } else {
            const form = {};
            for (const [name, input] of this._fields) {
                if (cleanName(input.value) !== '') {
                    form[name] = cleanName(input.value);
                }
            }
            this._error.textContent = '';
            this._body.value = '';
            this._submit({queue: this._queue(), body, form});
        }
    }
}
