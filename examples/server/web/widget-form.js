// widget-form.js - the form before a session: which queue, who, and the first message.
// SPDX-License-Identifier: MIT

import {cleanName, el, keepChildren, sendsOnEnter, write} from './usher-dom.js';

const LONGEST = {name: 80, email: 254};

export class StartForm {
    // tooLong(text) says so, or ''; submit({queue, body, form}) when it is filled in.
    constructor(link, texts, tooLong, submit) {
        this._link = link;
        this._texts = texts;
        this._tooLong = tooLong;
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
        this._body.value = [this._body.value, body].filter(Boolean).join('\n');
        for (const [name, input] of this._fields) {
            input.value ||= form[name] ?? '';
        }
    }

    // `lately` is what the desk was like when asked last, maybe after the link came up.
    draw(lately) {
        const known = this._link.desk;
        const shape = JSON.stringify([known?.queues, known?.form]);
        if (shape !== this._made_for) {
            this._made_for = shape;
            this._drawQueues(known?.queues ?? []);
            this._drawPeople(known?.form ?? []);
        }
        const state = known === null ? 'connecting' : !known.open ? 'closed'
            : lately || (known.queues.some((queue) => queue.ready) ? 'ready' : 'away');
        write(this._state, this._texts.form[state] ?? this._texts.connecting);
        this._state.className = `state ${state}`;
        this._button.disabled = ['connecting', 'closed'].includes(state);
    }

    _drawQueues(queues) {
        const chosen = this._queue();
        const first = queues.find((queue) => queue.id === chosen && queue.open)
            ?? queues.find((queue) => queue.open);
        this._queues.hidden = queues.length < 2;
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
        const nodes = fields.filter((field) => field.name in LONGEST).map(({name, required}) => {
            const id = `start-${name}`;
            const input = el('input', {id, type: name === 'email' ? 'email' : 'text', dir: 'auto',
                                       autocomplete: name, maxlength: String(LONGEST[name]),
                                       required: required === true,
                                       'aria-describedby': 'start-error'});
            input.value = old.get(name)?.value ?? '';
            this._fields.set(name, input);
            return el('div', {}, el('label', {for: id}, this._texts.form[name],
                                    required ? null
                                        : el('small', {}, ` ${this._texts.form.optional}`)),
                      input);
        });
        keepChildren(this._people, nodes);
    }

    _queue() {
        return this._queues.querySelector('input:checked')?.value
            ?? this._link.desk?.queues.find((queue) => queue.open)?.id;
    }

    // The first field that is not filled in as it must be, and what to say of it.
    _fault() {
        for (const input of [...this._fields.values(), this._body]) {
            const {missing, bad_email} = this._texts.form;
            const fault = input.validity.typeMismatch ? bad_email
                : !input.validity.valid || (input.required && input.value.trim() === '') ? missing
                    : input === this._body ? this._tooLong(input.value) : '';
            input.ariaInvalid = String(fault !== '');
            if (fault !== '') {
                input.focus();
                return fault;
            }
        }
        return '';
    }

    _go(event) {
        event.preventDefault();
        if (this._button.disabled) {
            return;
        }
        this._error.textContent = this._fault();
        if (this._error.textContent === '') {
            const form = [...this._fields].map(([name, input]) => [name, cleanName(input.value)])
                .filter(([, value]) => value !== '');
            const body = this._body.value.trim();
            this._body.value = '';
            this._submit({queue: this._queue(), body, form: Object.fromEntries(form)});
        }
    }
}
