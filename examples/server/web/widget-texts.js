// widget-texts.js - everything that the visitor's panel says, in one place for translators.
// SPDX-License-Identifier: MIT

import {fill} from './usher-page.js';

const EVENTS = {
    waits: 'You are in line. Somebody will be with you.',
    joined: '{who}, {kind}, joined',
    left: '{who} lost the connection. You are in line again, and keep your place.',
    moved_queue: '{who} passed you on to {queue}',
    moved_agent: '{who} passed you on to {agent}',
    closed_you: 'You ended the chat',
    closed_who: '{who} ended the chat',
    closed_abandoned: 'The chat ended because nobody was here for a while',
    reopened: 'The chat goes on',
};

const KINDS = {visitor: 'you', agent: 'agent', bot: 'bot', system: 'system'};

function queueName(id, link) {
    return link.desk?.queues.find((queue) => queue.id === id)?.name ?? id;
}

function who(by) {
    return by.name || KINDS[by.kind];
}

function closedLine(fact) {
    if (fact.why === 'abandoned') {
        return EVENTS.closed_abandoned;
    }
    return fact.by.kind === 'visitor' ? EVENTS.closed_you
        : fill(EVENTS.closed_who, {who: who(fact.by)});
}

export const TEXTS = {
    title: 'Chat with us',
    hide: 'Close',
    end: 'End the chat',
    end_short: 'End',
    end_sure: 'End this chat?',
    end_yes: 'End it',
    end_no: 'Go on',
    start_again: 'New chat',
    reopen: 'Reopen',
    ended: 'This chat has ended.',
    older: 'Show earlier messages',
    log_label: 'Messages',
    message: 'Your message',
    message_hint: 'Write a message…',
    send: 'Send',
    you: 'You',
    sending: 'sending…',
    sent: 'sent',
    seen: 'seen',
    internal: '',
    not_sent: 'Not sent: {why}.',
    retry: 'Try again',
    edit: 'Edit',
    discard: 'Discard',
    typing: '{who} is typing…',
    too_long: 'That is too long by {n} bytes.',
    flash: (n) => (n === 1 ? '(1) New message' : `(${n}) New messages`),
    kinds: KINDS,

    form: {
        start: 'Start the chat',
        queue: 'What is it about?',
        name: 'Your name',
        email: 'Your e-mail',
        optional: 'optional',
        queue_closed: 'closed',
        queue_away: 'nobody here yet',
        hello: 'Hello! How can we help?',
        ready: 'Somebody is here to answer you.',
        away: 'Nobody is at the desk right now. You can write all the same, and wait in line.',
        closed: 'We are closed right now. Please come back later.',
    },

    status: {
        waiting: 'Waiting for an agent',
        waiting_for: 'Waiting for {who}',
        active: '{who} · {kind}',
        away: '{who} · {kind} · not connected right now',
        closed: 'Ended',
        sending: 'Sending your message',
    },
    place: {
        next: 'You are next in line.',
        number: 'You are number {n} in line.',
        wait: 'About {low} to {high} minutes.',
        wait_short: 'About {high} min.',
    },
    banner: {
        connecting: 'Connecting…',
        offline: 'You are offline. What you write is kept, and sent when you are back.',
        waiting: 'The connection is lost. Trying again…',
        replaced: 'The chat is open in too many windows. Click here to go on in this one.',
        degraded: 'We have trouble storing messages. Yours are kept here until it works again.',
        busy: 'A moment, please: the desk is busy. It is tried again by itself.',
    },
    whys: {
        old: 'it waited for too long',
        too_large: 'it is too long',
        too_fast: 'that was too fast',
        full: 'all lines are full, please try again in a few minutes',
        closed: 'this is closed',
        unknown: 'this chat is not there any more',
        key_conflict: 'it was sent before with another text',
        bad_field: 'something in it is not accepted',
        bad_frame: 'something in it is not accepted',
        taken: 'another chat is open',
    },
    reopen_late: 'It is too late to reopen this one.',

    // The line that a fact makes in the log; null: none.
    fact(fact, link) {
        switch (fact.type) {
        case 'opened':
            return EVENTS.waits;
        case 'joined':
            return fill(EVENTS.joined, {who: fact.agent.name || fact.agent.id,
                                        kind: KINDS[fact.by?.kind ?? 'agent']});
        case 'left':
            return fill(EVENTS.left, {who: fact.agent.name || fact.agent.id});
        case 'moved':
            return fact.agent
                ? fill(EVENTS.moved_agent, {who: who(fact.by),
                                            agent: fact.agent.name || fact.agent.id})
                : fill(EVENTS.moved_queue, {who: who(fact.by),
                                            queue: queueName(fact.queue, link)});
        case 'closed':
            return closedLine(fact);
        case 'reopened':
            return EVENTS.reopened;
        default:
            return null;
        }
    },
};
