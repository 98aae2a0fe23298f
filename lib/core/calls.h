/* calls.h - what the files of the core do for one another; part of desk.h.
 * SPDX-License-Identifier: MIT */
#ifndef USH_CALLS_H
#define USH_CALLS_H

#include "desk.h"

/* find.c: who is meant by an id; USH_NONE if nobody */
uint64_t ush_hash(const struct usher *u, const void *data, size_t len);
uint32_t ush_find_queue(const struct usher *u, const struct usher_queue_id *id);
uint32_t ush_find_agent(const struct usher *u, const struct usher_agent_id *id);
uint32_t ush_find_visitor(const struct usher *u, const struct usher_visitor_id *id);
uint32_t ush_find_token(const struct usher *u, const uint8_t hash[32]);
uint32_t ush_find_session(const struct usher *u, const struct usher_session_id *id);
uint32_t ush_find_link(const struct usher *u, struct usher_link_id id);
bool ush_is_id(const char *s);
struct usher_span ush_id_span(const char *s); /* of an agent's or queue's id */
struct usher_by ush_by_system(void);
struct usher_by ush_by_visitor(const struct usher *u, const struct ush_session *s);
struct usher_by ush_by_agent(const struct ush_agent *a);
struct usher_by ush_by_link(const struct usher *u, const struct ush_link *l,
                            const struct ush_session *s);

/* journal.c: facts on their way to the storage */
bool ush_room(const struct usher *u, uint32_t facts, size_t bytes);
bool ush_can_move(const struct usher *u); /* room for what one timer or one match may write */
uint64_t ush_write(struct usher *u, struct ush_session *s,
                   struct usher_fact *f); /* returns its seq */
bool ush_seal(struct usher *u, struct usher_batch *out);
int ush_persisted(struct usher *u, uint64_t upto);

/* recent.c: durable facts at hand */
void ush_recent_add(struct usher *u, struct ush_session *s, const struct usher_fact *f);
const struct usher_fact *ush_recent_at(struct usher *u, const struct ush_session *s, int log,
                                       uint64_t index, uint64_t *pos);
const struct usher_fact *ush_recent_step(struct usher *u, const struct ush_session *s, int log,
                                         uint64_t *pos);
size_t ush_fact_bytes(const struct usher_fact *f);
void ush_fact_copy(struct usher_fact *to, const struct usher_fact *from, char *bytes);

/* key.c: one key, one effect */
uint64_t ush_key_hash(const struct usher *u, enum usher_kind kind, const void *id,
                      struct usher_span key);
bool ush_key_room(struct usher *u);
void ush_key_add(struct usher *u, uint64_t hash, struct ush_session *s, struct ush_agent *a,
                 const struct usher_fact *f);
void ush_keys_forget(struct usher *u, struct ush_list *of);
bool ush_key_answered(struct usher *u, struct ush_link *l, const struct usher_event *ev, int *rv);

/* answer.c */
void ush_done(struct usher *u, struct ush_link *l, struct usher_span key,
              const struct ush_session *s, uint64_t was, enum usher_log log, uint64_t need);
void ush_refuse(struct usher *u, struct ush_link *l, const struct usher_event *ev,
                enum usher_why why, const char *text, const struct ush_session *about);
void ush_refuse_busy(struct usher *u, struct ush_link *l, const struct usher_event *ev);
void ush_refuse_event(struct usher *u, struct ush_link *l, const struct usher_event *ev);
void ush_answers_forget(struct usher *u, struct ush_link *l);

/* link.c: who is on which link */
int ush_link_up(struct usher *u, struct usher_link_id id);
void ush_link_down(struct usher *u, struct ush_link *l);
void ush_link_full(struct usher *u, struct ush_link *l, bool full);
void ush_link_wake(struct usher *u, struct ush_link *l);
void ush_link_tell(struct usher *u, struct ush_link *l, unsigned bits);
void ush_link_drop(struct usher *u, struct ush_link *l, int code);
int ush_sign_in_visitor(struct usher *u, struct ush_link *l, const struct usher_event *ev);
int ush_sign_in_agent(struct usher *u, struct ush_link *l, const struct usher_event *ev);
void ush_degraded(struct usher *u, bool on);

/* attach.c: sessions on links */
struct ush_attached *ush_attach(struct usher *u, struct ush_link *l, struct ush_session *s);
void ush_detach(struct usher *u, struct ush_attached *t);
void ush_attach_person(struct usher *u, struct ush_list *links, struct ush_session *s, bool member);
void ush_detach_agent(struct usher *u, uint32_t agent, struct ush_session *s);
void ush_attached_tell(struct usher *u, struct ush_attached *t, unsigned bits);
void ush_session_tell(struct usher *u, struct ush_session *s, enum usher_kind as, unsigned bits);
void ush_session_news(struct usher *u, struct ush_session *s);
void ush_resume(struct usher *u, struct ush_attached *t, const struct usher_have *have,
                bool same_epoch);

/* pump.c: what a link is told next */
bool ush_pump(struct usher *u, struct ush_link *l, struct usher_effect *fx, bool *gated);
/* hello.c */
bool ush_hello(struct usher *u, struct ush_link *l, struct usher_note *n);

/* board.c: queues and agents as supervisors see them */
void ush_board(struct usher *u, struct ush_link *l, const struct usher_event *ev);
void ush_board_close(struct usher *u, struct ush_link *l);
void ush_board_queue(struct usher *u, uint32_t queue); /* its row changed */
void ush_board_agent(struct usher *u, const struct ush_agent *a);
void ush_board_due(struct usher *u, struct ush_board *b);
bool ush_board_note(struct usher *u, struct ush_link *l);

/* fetch.c: facts and keys that only the storage has */
void ush_fetch_want(struct usher *u, struct ush_attached *t);
const struct usher_fact *ush_fetched_next(struct usher *u, struct ush_attached *t, int log);
bool ush_fetch_take(struct usher *u, struct usher_effect *fx);
int ush_fetch_arrived(struct usher *u, const struct usher_event *ev);
bool ush_history_note(struct usher *u, const struct ush_link *l, struct usher_note *n);
void ush_fetch_forget(struct usher *u, uint32_t attached, uint32_t link);
int ush_find_wanted(struct usher *u, struct ush_link *l, const struct usher_event *ev,
                    uint64_t hash);
bool ush_find_take(struct usher *u, struct usher_effect *fx);
int ush_find_arrived(struct usher *u, const struct usher_event *ev);

/* queue.c, agent.c */
int ush_queue_set(struct usher *u, const struct usher_queue_set *set);
uint32_t ush_queue_get(struct usher *u, const struct usher_queue_id *id);
bool ush_queue_room(const struct usher *u, const struct ush_queue *q); /* under the caps */
void ush_queue_serving(struct usher *u, struct ush_queue *q, int by);
int ush_agent_set(struct usher *u, const struct usher_agent_set *set);
uint32_t ush_agent_get(struct usher *u, const struct usher_agent_id *id);
void ush_agent_place(struct usher *u,
                     struct ush_agent *a); /* among the free of his profile, or not */
void ush_agent_here(struct usher *u, struct ush_agent *a, bool here);
void ush_agent_ready(struct usher *u, struct ush_agent *a, bool on, enum usher_cause cause,
                     struct usher_span reason, struct usher_span key);
void ush_agent_exclude(struct usher *u, struct ush_agent *a, const struct ush_session *s,
                       uint64_t ms);
uint64_t ush_agent_excluded_ms(const struct usher *u, const struct ush_agent *a, uint32_t session);
bool ush_agent_excludes(const struct usher *u, const struct ush_agent *a, uint32_t session);
void ush_agent_unexclude(struct usher *u, struct ush_agent *a);
void ush_agent_grace(struct usher *u, struct ush_agent *a);
bool ush_agent_free(const struct ush_agent *a, const struct ush_profile *p);
bool ush_agent_fits(const struct usher *u, const struct ush_agent *a, uint32_t cost);
void ush_agent_wrap(struct usher *u, struct ush_agent *a, uint32_t cost, uint32_t ms);
void ush_agent_unwrap(struct usher *u, struct ush_agent *a);
void ush_agent_earmark(struct usher *u, struct ush_agent *a, struct ush_session *s);
void ush_agent_todo(struct usher *u, struct ush_agent *a);

/* skill.c, class.c, profile.c, turn.c: who may serve whom */
int ush_needs_read(struct usher *u, const struct usher_skill *skills, size_t n,
                   struct ush_need out[USHER_NEEDS_MAX]);
int ush_needs_make(struct usher *u, const struct usher_skill *skills, size_t n,
                   struct ush_need out[USHER_NEEDS_MAX]);
int ush_needs_add(const struct usher *u, struct ush_need needs[USHER_NEEDS_MAX], uint32_t n,
                  const struct ush_need *more, uint32_t n_more);
size_t ush_needs_list(const struct usher *u, const struct ush_class *c,
                      struct usher_skill out[USHER_NEEDS_MAX]);
int ush_levels_read(struct usher *u, const struct usher_skill *skills, size_t n, uint8_t *levels);
int ush_step_skill(struct usher *u, const struct usher_skill_id *id, uint16_t *out);
struct usher_span ush_needs_text(const struct usher *u, const struct ush_class *c,
                                 char out[USH_NEEDS_TEXT]);
int ush_needs_parse(struct usher *u, struct usher_span text, struct ush_need out[USHER_NEEDS_MAX],
                    uint32_t *n, uint32_t *priority);
uint32_t ush_class_get(struct usher *u, uint32_t queue, uint32_t priority,
                       const struct ush_need *needs, uint32_t n);
uint32_t ush_class_in(struct usher *u, uint32_t class, uint32_t queue, uint32_t priority);
void ush_class_put(struct usher *u, struct ush_session *s, uint32_t class);
void ush_class_todo(struct usher *u, struct ush_class *c);
void ush_class_gate(struct usher *u, struct ush_class *c, uint64_t at);
void ush_classes_of_queue(struct usher *u, uint32_t queue); /* it is another than before */
void ush_classes_todo(struct usher *u, uint32_t queue);     /* USH_NONE: of all queues */
void ush_classes_tie(struct usher *u, struct ush_profile *p);
int ush_profile_join(struct usher *u, struct ush_agent *a, const struct usher_agent_set *set);
void ush_profiles_turn(struct usher *u, enum ush_turn turn);
void ush_profile_leave(struct usher *u, struct ush_agent *a);
void ush_profile_put(struct usher *u, struct ush_agent *a, bool free);
uint32_t ush_sum_of_levels(const struct ush_class *c, const struct ush_profile *p);
struct ush_edge ush_edge_of(const struct usher *u, const struct ush_class *c,
                            const struct ush_profile *p);
void ush_turn_new(struct usher *u, struct ush_agent *a);
void ush_turn_offered(struct usher *u, struct ush_agent *a);
void ush_turn_joined(struct usher *u, struct ush_agent *a);

/* explain.c */
void ush_explain_asked(struct usher *u, struct ush_link *l, const struct usher_event *ev);
bool ush_explain_durable(const struct usher *u, const struct usher_session_id *session);
bool ush_explain_note(struct usher *u, const struct usher_session_id *session,
                      struct usher_note *n);
void ush_answer_explain(struct usher *u, struct ush_link *l, const struct usher_event *ev,
                        const struct ush_session *s);
bool ush_comes_before(struct usher *u, const struct ush_session *s, const struct ush_agent *a,
                      const struct ush_agent *b);

/* wait.c: how long they wait */
void ush_wait_in(const struct usher *u, struct ush_queue *q);
void ush_wait_out(const struct usher *u, struct ush_queue *q);
void ush_wait_started(const struct usher *u, struct ush_queue *q);
void ush_wait_left(const struct usher *u, struct ush_queue *q);
struct usher_wait ush_wait_of(const struct usher *u, const struct ush_session *s);

/* line.c: the order of those who wait */
bool ush_ahead(const struct usher *u, const struct ush_session *a, const struct ush_session *b);
uint64_t ush_place(const struct usher *u, const struct ush_session *s);
void ush_line_add(struct usher *u, struct ush_session *s);
void ush_line_del(struct usher *u, struct ush_session *s);
void ush_line_hold(struct usher *u, struct ush_session *s, struct ush_agent *a, uint64_t until);
void ush_line_unhold(struct usher *u, struct ush_session *s);
uint32_t ush_line_oldest(const struct usher *u, uint32_t queue);
void ush_line_step(struct usher *u, struct ush_session *s);
void ush_step_due(struct usher *u, struct ush_session *s); /* step.c */

/* visitor.c */
uint32_t ush_visitor_get(struct usher *u, const struct usher_visitor_id *id,
                         const uint8_t hash[32]);
void ush_visitor_release(struct usher *u, struct ush_visitor *v);

/* session.c: a session's states */
void ush_state(struct ush_session *s, enum usher_session_state to);
struct ush_session *ush_session_new(struct usher *u, const struct usher_session_id *id,
                                    uint32_t visitor);
void ush_session_evict(struct usher *u, struct ush_session *s);
bool ush_session_told(const struct usher *u, const struct ush_session *s);
bool ush_evict_oldest(struct usher *u);
void ush_session_queue(struct usher *u, struct ush_session *s, uint32_t queue, uint32_t class,
                       bool anew);
void ush_session_reclass(struct usher *u, struct ush_session *s, uint32_t queue, uint32_t class);
void ush_session_join(struct usher *u, struct ush_session *s, struct ush_agent *a);
void ush_session_leave(struct usher *u, struct ush_session *s, bool wrap);
void ush_session_close(struct usher *u, struct ush_session *s);
void ush_session_gone(struct usher *u, struct ush_session *s); /* arms the visitor-is-away timer */
void ush_session_place(struct usher *u, struct ush_session *s);
struct usher_fact ush_session_fact(const struct ush_session *s, enum usher_fact_type type,
                                   struct usher_by by);

/* offer.c */
void ush_offer(struct usher *u, struct ush_session *s, struct ush_agent *a);
void ush_offer_end(struct usher *u, struct ush_agent *a, enum usher_cause cause,
                   const struct usher_event *ev);
void ush_offers_end(struct usher *u, struct ush_session *s, enum usher_cause cause);

/* match.c */
void ush_match(struct usher *u, uint32_t *moves);

/* command.c, talk.c: what clients say */
int ush_command(struct usher *u, struct ush_link *l, const struct usher_event *ev);
void ush_say(struct usher *u, struct ush_link *l, struct ush_session *s,
             const struct usher_event *ev);
void ush_visit(struct usher *u, struct ush_link *l, struct ush_session *s,
               const struct usher_event *ev);
void ush_seen(struct usher *u, struct ush_link *l, struct ush_session *s,
              const struct usher_event *ev);
void ush_typing(struct usher *u, struct ush_link *l, struct ush_session *s);
void ush_history(struct usher *u, struct ush_link *l, struct ush_session *s,
                 const struct usher_event *ev);
uint64_t ush_write_command(struct usher *u, struct ush_session *s, struct usher_fact *f,
                           const struct usher_event *ev);

/* restore.c */
int ush_loaded(struct usher *u, const struct usher_event *ev);

#endif
