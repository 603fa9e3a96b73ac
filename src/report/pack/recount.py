"""Recounts an auditor's pack of quorate, offline: python3 recount.py [SHA-256 of sums.json]"""
import hashlib, itertools, json, sys
bad, chairs, closed, sha = [], {}, {}, lambda data: hashlib.sha256(data).hexdigest()
def chain(lines, first, head):  # each event names its number and the hash of the one before
    for n, line in enumerate(lines, first):
        event = json.loads(line)
        if event["n"] != n or event["prev"] != head: bad.append(f"log.jsonl: event {n} does not follow from the one before")
        kept = event["event"]  # a secret vote that stayed behind leaves its hash
        head = kept["hash"] if kept["type"] == "vote_withheld" else sha(line)
    return head
def files(seal):  # every file is, line by line, what its sums say, and the sums are what the seal says
    text = open("sums.json", "rb").read()
    if seal and sha(text) != seal: return bad.append("sums.json: it is not the one that the seal was printed for")
    for name, sums in json.loads(text).items():
        data = open(name, "rb").read()
        lines = itertools.zip_longest((sha(line)[:8] for line in data.split(b"\n")), sums["lines"])
        at = next((n for n, (is_now, was) in enumerate(lines, 1) if is_now != was), 0)
        if sha(data) != sums["sha256"]: bad.append(f"{name}: line {at} is not as it was written")
def acting(r, holder, at, held):
    return next((d["to"] for d in reversed(held) if (d["board"], d["from"]) == (r["board"], holder) and d["start"] <= at < d["end"]), holder)
def count(r, at, held, by):  # yes, no, abstained, electorate; and what they make. A tie goes as the chair voted: who closed it, else the first
    p, seats = r["policy"], [s for s in r["seats"] if s["role"] != "observer"]
    barred = set(r["tied"]) | {one for doubt in r.get("unsure", []) for one in doubt["people"]}
    tied = barred | {acting(r, s["person"], at, held) for s in seats if s["person"] in barred}
    out, cast = tied | r["recused"], lambda holder: [who for who, v in reversed(list(r["votes"].items())) if holder in v["for"] and who not in out]
    voice = lambda holder, now: cast(holder)[0] if cast(holder) and now not in cast(holder) else now  # until the new delegate votes
    voices = [(s, voice(s["person"], acting(r, s["person"], at, held))) for s in seats]
    votes = {who: v["vote"] for who, v in r["votes"].items() if who not in out and who in {who for _, who in voices}}
    yes, no, abstain = (list(votes.values()).count(word) for word in ("approve", "reject", "abstain"))
    named = lambda seat: [votes.get(who) for s, who in voices if (s.get("seat") or "").lower() == seat.lower()]
    size, rule = len({who for _, who in voices} - out), {"two_thirds": "2/3"}.get(p["rule"], p["rule"])
    (a, b), (c, d) = ([int(n) for n in text.split("/")] if "/" in text else (0, 1) for text in (rule, p["quorum"]))
    need = max(-(-c * size // d) if "/" in p["quorum"] else int(p["quorum"]), p.get("min_people", 2))
    enough, refused = yes >= max(1, p.get("min_yes", 1 if rule == "any" else 2)), lambda won: {"rejected"} if no and won else {"deferred"}
    lead = [(now != by, who) for s, who in voices for now in [acting(r, s["person"], at, held)] if s["role"] == "chair" and now not in tied]
    chair = votes.get(min(lead, key=lambda one: one[0], default=(0, chairs.get(r["item"])))[1])
    ties = {"chair": {"approved" if chair == "approve" else "rejected"}, "reject": {"rejected"}, "defer": {"deferred"}}
    if any("reject" in named(seat) for seat in p.get("veto", [])): made = {"rejected"}
    elif any(not named(seat) or set(named(seat)) - {"approve", "reject"} for seat in p.get("mandatory", [])) or not votes or len(votes) < need: made = {"deferred"}
    elif rule == "majority": made = ties[p["tie"]] if yes == no and no else {"approved"} if yes > no and enough else refused(no > yes)
    elif rule == "unanimous": made = {"approved"} if not no and len(votes) == size and enough else refused(True)
    elif rule.startswith("at_least"): made = {"approved"} if yes >= int(rule[8:]) else refused(size - no - abstain < int(rule[8:]))
    else: made = {"approved"} if (rule == "any" or yes * b >= a * (yes + no)) and enough else refused(rule == "any" or yes * b < a * (yes + no))
    return [yes, no, abstain, size], made
def closing(r, e, place, at, held, by):  # whether it could be recounted; bad where its numbers or outcome are not what its votes make
    said, ended, cause = e["arithmetic"], e["outcome"], e["cause"]
    if not r or r["round"] != e["round"] or r["partly"] or not e.get("reading") or "untold" in said: return False
    counted, made = count(r, e["due"] or at, held, by if cause == "chair" else None)
    if made == {"deferred"} and said["by_silence"] and not counted[1] and r["policy"]["on_deadline"] == "approve": made = {"approved"}
    if made == {"deferred"} and (cause, r["cause"]) == ("deadline", "ratification"): made = {"rejected"}
    if counted != [said[key] for key in ("yes", "no", "abstain", "electorate")]: bad.append(f"{place}: its votes are {counted}")
    free = {"chair": "deferred needs_info superseded", "early": "", "everybody": "", "deadline": ""}.get(cause, ended).split()
    return ended in made or ended in free or bad.append(f"{place}: it is {ended}, and its votes make it {' or '.join(made)}")
def take(event, held, rounds):  # the next event; gives the delegations that stand after it
    at, e, r = event["at"], event["event"], rounds.get(event["event"].get("item"))
    kind, who, place = e["type"], e.get("person"), f"log.jsonl: event {event['n']}: round {e.get('round')} of {e.get('item')}"
    if kind == "round_opened": rounds[e["item"]] = dict(e, votes={}, partly=False, recused=r["recused"] if r else set())
    elif kind == "round_closed": closed[e["item"], e["round"]] = e["outcome"], closing(r, e, place, at, held, event["by"].get("person"))
    elif kind == "chair_named": chairs[e["item"]] = who
    elif kind == "delegated": held = held + [dict(e, by_rules=False)]
    elif kind == "delegation_ended": held = [dict(d, end=min(d["end"], at)) if e.items() - {("type", kind)} <= d.items() else d for d in held]
    elif kind == "rules_changed": held = [dict(d, board=b["id"], by_rules=True) for b in e["rules"]["boards"]
        for d in b.get("delegations", [])] + [d for d in held if not d["by_rules"]]
    elif r and kind == "item_observed": r.update(tied=e["tied"], unsure=e.get("unsure", []))
    elif r and (kind == "vote_withheld" or kind == "roll_call_answered" and not e["agrees"]): r["partly"] = True
    elif r and kind in ("voted", "withdrawn", "recused"):
        r.update(votes={w: v for w, v in r["votes"].items() if w != who}, recused=r["recused"] | ({who} if kind == "recused" else set()))
        if kind == "voted": r["votes"][who] = dict(e, **{"for": {s["person"] for s in r["seats"] if acting(r, s["person"], at, held) == who}})
    return held
files(sys.argv[1] if len(sys.argv) > 1 else "") or bad and sys.exit("\n".join(bad))
pack, lines = json.loads(open("pack.json", "rb").read()), open("log.jsonl", "rb").read().split(b"\n")[:-1]
log, sample, rounds, held = pack["log"], pack["sample"], {}, pack["log"]["delegations"]
if chain(lines, log["first"], log["prev"]) != log["head"]: bad.append("log.jsonl: it does not end as pack.json says")
for line in lines: held = take(json.loads(line), held, rounds)
drawn = sorted((item["id"] for item in pack["population"]["items"]), key=lambda id: sha(f"{sample['seed']}|{id}".encode()))
if drawn[:sample["asked"]] != [item["id"] for item in sample["items"]]: bad.append("pack.json: its seed draws another sample")
bad += [f"pack.json: round {room['round']} of {item['id']} is not as in the log" for item in sample["items"]
    for room in item["decisions"] if closed[item["id"], room["round"]][0] != room["outcome"]]
sure = f"{sum(counted is True for _, counted in closed.values())} of {len(closed)} closed rounds recounted from their votes"
sys.exit("\n".join(bad) or print(f"every byte is as written; a chain of {len(lines)} events; {sure}; {len(sample['items'])} drawn again"))
