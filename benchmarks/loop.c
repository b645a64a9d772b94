/* The workload of idiomatic.py as a bare event loop: what a machine can do at most with one heap and no framework.
 *
 * One record per lead, one binary heap of 16-byte events, each pool's queue a list threaded through the leads. No
 * calendars, no keyed luck, no ledger: only counts, like idiomatic.py. All numbers of the workload come from c_loop.py.
 */

#include <math.h>
#include <stdint.h>
#include <stdlib.h>

enum { CHANNELS = 3 };
enum step { CREATED, NURTURED, JOINS, GIVES_UP, ENDS }; /* what happens at an event */
enum stage { CALL, MEETING };

typedef struct { double mu, sigma; } lognormal;

typedef struct {
    double rate; /* leads an hour */
    double handoff; /* mean hours */
    int64_t reps;
} channel;

typedef struct {
    double hours, score_mean, score_sd, lift_mean, lift_sd, threshold, patience, odds_middle, odds_scale, win_rate;
    lognormal nurture, call, thinking, meeting, deal;
    channel channels[CHANNELS];
} workload;

typedef struct { double leads, mqls, went_cold, calls, meetings, wins, revenue, waited, busy, events; } counts;

typedef struct {
    double score, qualified_at;
    uint32_t next; /* behind this lead in the queue */
    uint8_t channel, stage, waits;
} lead;

typedef struct {
    double at;
    uint32_t who; /* the lead; of CREATED the channel */
    uint32_t step;
} event;

typedef struct {
    int64_t free;
    uint32_t first, last; /* of the queue; meaningless while it is empty */
    int64_t length; /* those who gave up included, until their turn comes */
} pool;

typedef struct {
    const workload *of;
    counts *count;
    uint64_t luck[4];
    double spare_normal;
    int has_spare;
    event *heap;
    int64_t pending, room_for_events;
    lead *leads;
    int64_t created, room_for_leads;
    pool pools[CHANNELS];
    int out_of_memory;
} run;

/* --- luck: xoshiro256+ (Blackman and Vigna 2018), seeded by splitmix64; normals by Marsaglia's polar method ---------- */

static void seed_luck(run *r, uint64_t seed) {
    for (int i = 0; i < 4; i++) {
        uint64_t z = (seed += 0x9e3779b97f4a7c15u);
        z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9u;
        z = (z ^ (z >> 27)) * 0x94d049bb133111ebu;
        r->luck[i] = z ^ (z >> 31);
    }
}

static inline double uniform(run *r) { /* in (0, 1) */
    uint64_t *s = r->luck, sum = s[0] + s[3], shifted = s[1] << 17;
    s[2] ^= s[0];
    s[3] ^= s[1];
    s[1] ^= s[2];
    s[0] ^= s[3];
    s[2] ^= shifted;
    s[3] = (s[3] << 45) | (s[3] >> 19);
    return ((double)(sum >> 11) + 0.5) * 0x1p-53;
}

static inline double exponential(run *r, double mean) { return -mean * log(uniform(r)); }

static inline double normal(run *r, double mean, double sd) {
    if (r->has_spare) {
        r->has_spare = 0;
        return mean + sd * r->spare_normal;
    }
    double x, y, square;
    do {
        x = 2.0 * uniform(r) - 1.0;
        y = 2.0 * uniform(r) - 1.0;
        square = x * x + y * y;
    } while (square >= 1.0);
    double factor = sqrt(-2.0 * log(square) / square);
    r->spare_normal = y * factor;
    r->has_spare = 1;
    return mean + sd * x * factor;
}

static inline double drawn(run *r, lognormal of) { return exp(normal(r, of.mu, of.sigma)); }

/* --- the heap -------------------------------------------------------------------------------------------------------- */

static inline void at(run *r, double when, enum step step, uint32_t who) {
    if (r->pending == r->room_for_events) {
        event *wider = realloc(r->heap, sizeof(event) * (size_t)(2 * r->room_for_events));
        if (!wider) {
            r->out_of_memory = 1;
            return;
        }
        r->heap = wider;
        r->room_for_events *= 2;
    }
    event *heap = r->heap;
    int64_t hole = r->pending++;
    while (hole > 0) {
        int64_t parent = (hole - 1) / 2;
        if (heap[parent].at <= when) break;
        heap[hole] = heap[parent];
        hole = parent;
    }
    heap[hole] = (event){when, who, step};
}

/* The earliest event. The hole it leaves goes down to a leaf along the earlier children, and the last event up from
 * there: it came from the bottom and mostly stays there, so this compares about half as much as going down with it.
 * The prefetches hide the memory's latency where the heap is larger than the cache; they change nothing else. */
static inline event earliest(run *r) {
    event *heap = r->heap, first = heap[0], last = heap[--r->pending];
    int64_t hole = 0, child = 1, n = r->pending;
    while (child + 1 < n) {
        __builtin_prefetch(&heap[8 * child + 7]);
        __builtin_prefetch(&heap[8 * child + 11]);
        child += heap[child + 1].at < heap[child].at;
        heap[hole] = heap[child];
        hole = child;
        child = 2 * hole + 1;
    }
    if (child < n) {
        heap[hole] = heap[child];
        hole = child;
    }
    while (hole > 0) {
        int64_t parent = (hole - 1) / 2;
        if (heap[parent].at <= last.at) break;
        heap[hole] = heap[parent];
        hole = parent;
    }
    heap[hole] = last;
    return first;
}

/* --- a lead's life --------------------------------------------------------------------------------------------------- */

static inline void qualifies(run *r, double now, uint32_t who) {
    lead *one = &r->leads[who];
    r->count->mqls++;
    one->qualified_at = now;
    at(r, now + exponential(r, r->of->channels[one->channel].handoff), JOINS, who);
}

static inline void begins(run *r, double now, uint32_t who) {
    lead *one = &r->leads[who];
    double hours;
    one->waits = 0;
    if (one->stage == CALL) {
        r->count->calls++;
        r->count->waited += now - one->qualified_at;
        hours = drawn(r, r->of->call);
    } else {
        r->count->meetings++;
        hours = drawn(r, r->of->meeting);
    }
    r->count->busy += fmin(hours, r->of->hours - now);
    at(r, now + hours, ENDS, who);
}

static inline void created(run *r, double now, uint32_t channel) {
    at(r, now + exponential(r, 1.0 / r->of->channels[channel].rate), CREATED, channel);
    if (r->created == r->room_for_leads) {
        lead *wider = realloc(r->leads, sizeof(lead) * (size_t)(2 * r->room_for_leads));
        if (!wider) {
            r->out_of_memory = 1;
            return;
        }
        r->leads = wider;
        r->room_for_leads *= 2;
    }
    uint32_t who = (uint32_t)r->created++;
    double score = normal(r, r->of->score_mean, r->of->score_sd);
    r->leads[who] = (lead){.score = score, .channel = (uint8_t)channel, .stage = CALL};
    r->count->leads++;
    if (score < r->of->threshold)
        at(r, now + drawn(r, r->of->nurture), NURTURED, who);
    else
        qualifies(r, now, who);
}

static inline void nurtured(run *r, double now, uint32_t who) {
    double score = r->leads[who].score += normal(r, r->of->lift_mean, r->of->lift_sd);
    if (score >= r->of->threshold) qualifies(r, now, who);
}

static inline void joins(run *r, double now, uint32_t who) {
    lead *one = &r->leads[who];
    pool *pool = &r->pools[one->channel];
    if (pool->free > 0) {
        pool->free--;
        begins(r, now, who);
        return;
    }
    if (pool->length++)
        r->leads[pool->last].next = who;
    else
        pool->first = who;
    pool->last = who;
    one->waits = 1;
    if (one->stage == CALL) at(r, now + exponential(r, r->of->patience), GIVES_UP, who);
}

static inline void gives_up(run *r, uint32_t who) {
    lead *one = &r->leads[who];
    if (!one->waits || one->stage != CALL) return; /* was served in time */
    one->waits = 0;
    r->count->went_cold++;
}

static inline void ends(run *r, double now, uint32_t who) {
    lead *one = &r->leads[who];
    pool *pool = &r->pools[one->channel];
    pool->free++;
    while (pool->length) {
        uint32_t next = pool->first;
        pool->first = r->leads[next].next;
        pool->length--;
        if (r->leads[next].waits) {
            pool->free--;
            begins(r, now, next);
            break;
        }
    }
    if (one->stage == MEETING) {
        if (uniform(r) < r->of->win_rate) {
            r->count->wins++;
            r->count->revenue += drawn(r, r->of->deal);
        }
    } else if (uniform(r) < 1.0 / (1.0 + exp(-(one->score - r->of->odds_middle) / r->of->odds_scale))) {
        one->stage = MEETING;
        at(r, now + drawn(r, r->of->thinking), JOINS, who);
    }
}

/* --- the loop -------------------------------------------------------------------------------------------------------- */

static void until_the_end(run *r) {
    while (r->pending && r->heap[0].at < r->of->hours && !r->out_of_memory) {
        event now = earliest(r);
        r->count->events++;
        switch ((enum step)now.step) {
        case CREATED: created(r, now.at, now.who); break;
        case NURTURED: nurtured(r, now.at, now.who); break;
        case JOINS: joins(r, now.at, now.who); break;
        case GIVES_UP: gives_up(r, now.who); break;
        case ENDS: ends(r, now.at, now.who); break;
        }
    }
}

/* One replication; `expected` leads get room at the start. Returns 0, or 1 when memory ran out. */
int simulate(const workload *of, uint64_t seed, int64_t expected, counts *count) {
    run r = {.of = of, .count = count, .room_for_leads = expected + 16, .room_for_events = expected / 4 + 16};
    *count = (counts){0};
    r.leads = malloc(sizeof(lead) * (size_t)r.room_for_leads);
    r.heap = malloc(sizeof(event) * (size_t)r.room_for_events);
    r.out_of_memory = !r.leads || !r.heap;
    if (!r.out_of_memory) {
        seed_luck(&r, seed);
        for (uint32_t c = 0; c < CHANNELS; c++) {
            r.pools[c].free = of->channels[c].reps;
            at(&r, exponential(&r, 1.0 / of->channels[c].rate), CREATED, c);
        }
        until_the_end(&r);
    }
    free(r.leads);
    free(r.heap);
    return r.out_of_memory;
}
