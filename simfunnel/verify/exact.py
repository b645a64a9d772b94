"""Small funnels whose numbers are known exactly, and those numbers, each with the formula that it comes from.

Long-run averages unless a time is named. `wait` is over all leads that join, who gives up counted until it leaves;
`wait_served` over those who reached a rep; `waiting` the time average of the number in the queue; `p_wait` the share of
arrivals that do not start at once. The numbers were computed apart from this package, and tests hold them to the closed
forms of `simfunnel.theory`, too.
"""

from __future__ import annotations

EXACT: dict[str, dict[str, float]] = {
    # one rep, 3 leads an hour, 15 minutes each: M/M/1, in hours
    "R01": {"busy": 0.75, "p_wait": 0.75, "wait": 0.75, "waiting": 2.25, "time_in_system": 1.0, "in_system": 3.0},
    # five reps at 90%: M/M/5, 4.5 leads an hour, 1 hour each (Erlang C)
    "R02": {
        "busy": 0.9,
        "p_wait": 0.7624932207,
        "wait": 1.524986441,
        "waiting": 6.862438987,
        "wait_over_1h": 0.4624755162,
        "wait_p90": 4.062846863,
    },
    # twenty reps at 90%: M/M/20, 18 leads an hour
    "R03": {"busy": 0.9, "p_wait": 0.5507690048, "wait": 0.2753845024, "waiting": 4.956921043},
    # live chat, nobody waits: 100 chats an hour, 10 reps, 5 an hour each (Erlang B)
    "R04": {"balked": 0.5379631686, "busy": 0.9240736627},
    # 48 leads an hour, 50 reps, 1 hour each, patience 2 hours: M/M/50+M (Palm 1957)
    "R05": {
        "p_wait": 0.4677740686,
        "reneged": 0.03091224916,
        "wait": 0.06182449832,
        "wait_served": 0.06026500399,
        "waiting": 2.96757592,
        "busy": 0.9303242408,
        "wait_over_6m": 0.2439454817,
        "wait_over_p90": 0.09999999996,
        "answered_in_6m": 0.7386217179,
    },
    # overloaded: 12 leads an hour, 4 reps, 30 minutes each, patience 30 minutes: M/M/4+M
    "R06": {
        "p_wait": 0.8487961172,
        "reneged": 0.3721671174,
        "wait": 0.1860835587,
        "wait_served": 0.1888047583,
        "waiting": 2.233002705,
        "busy": 0.9417493238,
        "throughput": 7.533994591,
        "in_system": 6.0,
    },
    # room for 8: 6 leads an hour, 3 reps, 30 minutes each: M/M/3/8
    "R07": {
        "balked": 0.1267605634,
        "throughput": 5.23943662,
        "busy": 0.8732394366,
        "waiting": 1.901408451,
        "wait": 0.3629032258,
        "p_wait": 0.7258064516,
    },
    # every call 20 minutes: M/D/1, 2.4 leads an hour (Pollaczek and Khinchine)
    "R08": {"wait": 0.6666666667, "busy": 0.8},
    # uneven calls: lognormal, mean 24 minutes, log-sd 0.8: M/G/1, 2 leads an hour
    "R09": {"wait": 1.517184703, "busy": 0.8},
    # hot before cold, one rep: 0.2 and 0.6 leads an hour, 1 hour each (Cobham 1954)
    "R10": {"wait_hot": 1.0, "wait_cold": 5.0, "time_in_system_hot": 2.0, "time_in_system_cold": 6.0},
    # longest first: 8 a minute, 10% of 60 s, 10% of 5 s, 80% of 1 s; waits in minutes (Cobham 1954)
    "R11": {
        "wait_60s": 2.018333333,
        "wait_5s": 15.1375,
        "wait_1s": 113.53125,
        "wait_fifo": 15.1375,
        "busy": 0.9733333333,
    },
    # hot before warm, three reps: 2 and 3 leads an hour, 30 minutes each (Kella and Yechiali 1985)
    "R12": {"wait_hot": 0.1755617978, "wait_warm": 1.053370787, "p_wait": 0.702247191},
    # two desks in a row, then contract; 6 leads a day, times in days (Jackson 1957)
    "R16": {
        "wait_sdr": 0.2547169811,
        "wait_ae": 0.461788959,
        "p_wait_sdr": 0.5094339623,
        "p_wait_ae": 0.461788959,
        "in_contract": 4.8,
        "in_process": 14.46366876,
        "days_in_process": 2.410611461,
        "contracts_per_day": 1.2,
    },
    # nurture and come back: 5 new leads a day, times in days (a network with feedback, geometric visits)
    "R17": {
        "visits_per_day": 6.849315068,
        "busy": 0.7610350076,
        "wait": 0.2055048371,
        "p_wait": 0.4419761565,
        "in_nurture": 92.46575342,
        "wins_per_day": 0.6849315068,
        "visits_per_lead": 1.369863014,
        "win_share": 0.1369863014,
        "variance_of_visits": 0.5066616626,
    },
    # empty start: 2 opportunities a day, three stages of 20 days, 25% won (Erlang stages; Eick, Massey, Whitt 1993)
    "R18": {
        "wins_by_30": 0.8980239106,
        "wins_by_90": 17.45786548,
        "wins_by_365": 152.5000244,
        "open_at_90": 110.1685381,
    },
    # weekly rhythm: 8 + 5 sin(2 pi t / 7) a day, 10 days open, 25 open at the start (M(t)/M/infinity)
    "R19": {"open_at_2": 41.29652739, "open_at_7": 49.91795448, "open_at_30": 79.35760085},
    # a quarter's revenue: 12 leads a day, 90 days, 5% won, lognormal deals (compound Poisson)
    "R20": {"mean": 1619.2467, "variance": 109146.7508, "sd": 330.3736534, "deal_mean": 29.98605},
    # the chance of the target: 30 deals expected of 5, 20 or 80 (Panjer 1981)
    "R21": {"mean": 510.0, "sd": 152.4795068, "p10": 325.0, "p50": 500.0, "p90": 710.0, "reaches_500": 0.5021756342},
    # who gets the lead: 4 leads an hour, 4 reps, 48 minutes each (M/M/4; E4/M/1; M/M/1)
    "R23": {"common": 0.5964324718, "round_robin": 1.813906888, "random": 3.2},
    # lists: 0.5 an hour with 1, 3 or 5 leads, one rep who works 2 an hour (M[X]/M/1)
    "R24": {"busy": 0.75, "in_system": 7.2, "time_in_system": 4.8, "wait": 4.3},
}

# by threshold, then as above
ROWS: dict[str, dict[float, dict[str, float]]] = {
    # normal scores (50, 15), 10 raw leads an hour, then M/M/5 with 30 minutes each
    "R13": {
        30: {"passed": 0.9087887803, "busy": 0.9087887803, "p_wait": 0.7822446168, "wait": 0.8576188534},
        40: {"passed": 0.7475074625, "busy": 0.7475074625, "p_wait": 0.4574030167, "wait": 0.1811550635},
        50: {"passed": 0.5, "busy": 0.5, "p_wait": 0.1303712975, "wait": 0.02607425949},
        60: {"passed": 0.2524925375, "busy": 0.2524925375, "p_wait": 0.01010984822, "wait": 0.001352474554},
        70: {"passed": 0.09121121973, "busy": 0.09121121973, "p_wait": 0.0001146525251, "wait": 1.261597058e-05},
    },
    # winners (8%) score normal(1, 1), the others normal(0, 1)
    "R14": {
        -1: {"passed": 0.8522171558, "win_rate": 0.09173716923, "wins_kept": 0.9772498681},
        0: {"passed": 0.5273075797, "win_rate": 0.1276438691, "wins_kept": 0.8413447461},
        0.5: {"passed": 0.3391715325, "win_rate": 0.1630944569, "wins_kept": 0.6914624613},
        1: {"passed": 0.1859628336, "win_rate": 0.2150967439, "wins_kept": 0.5},
        2: {"passed": 0.03362254171, "win_rate": 0.3774973476, "wins_kept": 0.1586552539},
    },
    # score and quality standard normal, correlation 0.6; good are those of quality above 1 (bivariate normal)
    "R15": {
        -1: {"passed": 0.8413447461, "win_rate": 0.1865304023, "wins_kept": 0.9891659438, "quality": 0.1725599826},
        0: {"passed": 0.5, "win_rate": 0.2733847075, "wins_kept": 0.8615684029, "quality": 0.4787307365},
        1: {"passed": 0.1586552539, "win_rate": 0.4571287108, "wins_kept": 0.4571287108, "quality": 0.9150811657},
        2: {"passed": 0.02275013195, "win_rate": 0.6955025935, "wins_kept": 0.09973055023, "quality": 1.42392932},
    },
    # 50 raw leads a day, 6 reps at 2 a day, patience 1 day: M/M/6+M behind the threshold
    "R25": {
        -0.5: {"passed": 0.6914624613, "reneged": 0.6529097909, "busy": 0.9999993762},
        0: {"passed": 0.5, "reneged": 0.5201548925, "busy": 0.9996773074},
        0.5: {"passed": 0.3085375387, "reneged": 0.2538504626, "busy": 0.9592297574},
        1: {"passed": 0.1586552539, "reneged": 0.03312558027, "busy": 0.6391654441},
        1.5: {"passed": 0.06680720127, "reneged": 0.0007396228513, "busy": 0.2781574547},
    },
}
AUC_AT_SEPARATION_1 = 0.7602499389  # R14

# what the model cannot say as published, and how it is asked instead
RESTATED: dict[str, str] = {
    "R14": "who wins is drawn from quality, the score is not drawn from who wins: winners are a channel with a bias",
    "R19": "the week's rhythm is typed by the hour: the sine becomes 168 steps",
    "R22": "waiting lowers log-odds, it does not multiply the chance: logistic rule, exact value by quadrature",
    "R25": "winning is logistic, and patience runs during the hand-off: logistic rule, instant hand-off, quadrature",
}
NOT_SIMULATED: dict[str, str] = {"R26": "leads needed for a target: a search over scenarios, not a scenario"}
