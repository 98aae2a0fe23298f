// customer.js - what is known about the visitor of a session: form, pages, and how it went so far.
// SPDX-License-Identifier: MIT

import {el, icon, ICONS} from '../usher-page.js';
import {queueName} from './texts.js';

const PAGES_MAX = 12;

// Only what leads to a page may become a link.
function address(url) {
    try {
        const parsed = new URL(url);
        return /^https?:$/.test(parsed.protocol) ? parsed : null;
    } catch {
        return null;
    }
}

export class Customer {
    constructor(link, texts, close) {
        this._link = link;
        this._texts = texts;
        this._drawn = '';
        this._all = false;              // all pages, not only the newest
        this._title = el('h2', {id: 'customer', tabindex: '-1'}, texts.customer.title);
        this._body = el('div.facts', {tabindex: '0', role: 'group',
                                      'aria-labelledby': 'customer'});
        this.node = el('aside.customer', {'aria-labelledby': 'customer'},
                       el('header', {}, this._title,
                          el('button.square', {type: 'button', title: texts.customer.hide,
                                               'aria-label': texts.customer.hide,
                                               onclick: close}, icon(ICONS.close))),
                       this._body);
    }

    focus() {
        this._title.focus();
    }

    draw(log, name) {
        // What it shows depends on nothing else.
        const minute = Math.floor(this._link.serverNow() / 60000);
        const state = log === undefined ? '' : [log.id, name, log.list().length, log.state,
                                                log.here.visitor, log.queue, log.more, minute,
                                                log.public.first, this._all].join();
        if (state === this._drawn) {
            return;
        }
        this._drawn = state;
        this._body.replaceChildren(...log === undefined
            ? [el('p.none', {}, this._texts.customer.none)]
            : [this._who(log, name), this._form(log), this._pages(log), this._story(log)]);
    }

    _who(log, name) {
        const here = log.here.visitor;
        return el('div.person', {}, el('span.face', {'aria-hidden': 'true'},
                                       [...name][0]?.toUpperCase() ?? '?'),
                  el('div', {}, el('p.name', {}, el('bdi', {}, name)),
                     el(`p.presence${here && log.open ? '.here' : ''}`, {},
                        !log.open ? this._texts.states.closed
                            : here ? this._texts.here : this._texts.gone)));
    }

    _form(log) {
        const {customer} = this._texts;
        const {email, name} = log.visitor;
        const none = () => el('span.none', {}, customer.not_given);
        const since = log.opened_at === null ? '—' : `${this._texts.day(log.opened_at)} ${
            this._texts.clock(log.opened_at)} · ${customer.ago.replace('{time}',
                this._texts.lasting(this._link.serverNow() - log.opened_at))}`;
        const rows = [[customer.name, name || none()],
                      [customer.email, email ? el('a', {href: `mailto:${encodeURIComponent(email)
                          .replace('%40', '@')}`}, email) : none()],
                      [customer.queue, queueName(log.queue, this._link)],
                      [customer.since, since],
                      [customer.with, log.agent?.name || log.agent?.id || customer.nobody]];
        return el('dl', {}, ...rows.map(([title, value]) => el(
            'div', {}, el('dt', {}, title), el('dd', {}, el('bdi', {}, value)))));
    }

    _pages(log) {
        const {customer} = this._texts;
        const facts = log.list().filter((fact) => fact.type === 'visited').reverse();
        const shown = this._all ? facts : facts.slice(0, PAGES_MAX);
        const more = facts.length - shown.length;
        return el('section', {}, el('h3', {}, customer.pages),
                  facts.length === 0 ? el('p.none', {}, customer.no_pages)
                      : el('ol.pages', {}, ...shown.map((fact) => this._page(fact))),
                  more === 0 ? null : el('button.small', {type: 'button', onclick: () => {
                      this._all = true;
                      this.draw(log, this._body.querySelector('.name').textContent);
                      this._body.focus();
                  }}, this._texts.count(customer.more_pages, more)));
    }

    _page(fact) {
        const url = address(fact.url);
        const path = url === null ? String(fact.url) : url.host + url.pathname + url.search;
        const title = fact.title || path;
        return el('li', {}, url === null ? el('bdi', {}, title)
            : el('a', {href: url.href, target: '_blank', rel: 'noopener noreferrer'},
                 el('bdi', {}, title)),
                  el('p', {}, el('time', {}, this._texts.clock(fact.at)), ' ',
                     fact.title ? el('bdi', {}, path) : ''));
    }

    _story(log) {
        const {customer} = this._texts;
        const lines = log.list().map((fact) => [fact, this._texts.fact(fact, this._link)])
            .filter(([, line]) => line !== null);
        const said = log.list().filter((fact) => fact.type === 'said').length;
        const button = log.public.first <= 1 || !log.more ? null
            : el('button.small', {type: 'button', onclick: () => {
                button.disabled = true;
                this._link.history(log.id, 100).catch(() => {}).then(() => {
                    button.disabled = false;
                });
            }}, customer.earlier);
        return el('section', {}, el('h3', {}, customer.story),
                  el('p.none', {}, this._texts.count(customer.messages, said)),
                  el('ol.story', {}, ...lines.map(([fact, line]) => el(
                      'li', {}, el('time', {}, this._texts.clock(fact.at)),
                      el('bdi', {}, line)))), button);
    }
}
