// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IRoundsEvents} from "../../../contracts/interfaces/IRoundsEvents.sol";
import {IRoundsLens} from "../../../contracts/interfaces/IRoundsLens.sol";
import {ITasks} from "../../../contracts/interfaces/ITasks.sol";
import {ResultWord} from "../../../contracts/types/ResultWord.sol";
import {Reference} from "../fixtures/Reference.sol";
import {RoundsChain} from "../fixtures/RoundsChain.sol";

/// Every rule of settlement against {Reference}, with random sheets of random seats. The contributors have different
/// pasts: one is new, one has held pay, one is flagged.
abstract contract RoundsSettlementTest is RoundsChain {
    uint256 private constant MEMBERS = 5;

    mapping(address account => Reference.Record) private _records;
    mapping(address account => uint32) private _settledRound;
    /// The reference's duties of this round, by seat.
    mapping(address account => uint256) private _accurate;
    /// Sheets of the seats that reveal, in the order of seats.
    uint256[] private _sheets;

    function committeeSize() internal pure virtual returns (uint8);

    /// The task's last round; round 4 is settled at random.
    function lastRound() internal pure virtual returns (uint32);

    function terms() internal override returns (ITasks.TaskParams memory params) {
        params = super.terms();
        params.committeeSize = committeeSize();
        params.earlyBonusRounds = 3;
        params.maxRounds = lastRound();
    }

    function setUp() public override {
        super.setUp();
        enrol(MEMBERS);
        join(2 * committeeSize() + 1);
        // Three rounds give them different pasts; contributor 4 stays new.
        playPast([entry(9_000, 12_000, 2), entry(3_000, 0, 1), entry(5_000, 5_000, 2), entry(0, 0, 0)]);
        playPast([entry(NOT_AUDITED, 0, 0), entry(GATE_FAILED, 0, 0), entry(NOT_AUDITED, 0, 0), entry(1, 1, 0)]);
        playPast([entry(NOT_AUDITED, 0, 0), entry(10_000, 20_000, 6), entry(0, 0, 0), entry(GATE_FAILED, 0, 0)]);
        openAndSeal(MEMBERS);
    }

    /// A round of the first four contributors, settled by the reference too.
    function playPast(uint256[4] memory entries) private {
        openAndSeal(4);
        address[] memory members = membersOf(0);
        uint256 sheet = 0;
        for (uint256 j = 0; j < 4; ++j) {
            for (uint256 i = 0; i < 4; ++i) if (members[j] == contributors[i]) sheet |= entries[i] << (32 * j);
        }
        address[] memory seats = seatsOf(0);
        delete _sheets;
        for (uint256 i = 0; i < seats.length; ++i) {
            plan(0, seats[i], sheet, 0);
            _sheets.push(sheet);
        }
        scoreAttempt(0);
        settleAndCompare((2 ** committeeSize()) - 1);
        voteAll(keccak256("model"));
        finalize();
        skip(2_000);
    }

    // ---- The properties

    /// The most valuable test of this folder: whatever the entries are, the contract settles like the reference.
    function testFuzz_SettlingDoesWhatTheReferenceSays(uint256 seed, uint16 absent) public {
        planRandomly(seed);
        uint256 revealed = scoreWithout(absent);

        settleAndCompare(revealed);
    }

    /// Entries at and around the limits, with narrow majorities.
    function testFuzz_NarrowMajorities(
        uint256 seed,
        uint16 absent,
        uint8 failed,
        uint8 unaudited,
        bool isTaskFault
    ) public {
        uint256 seats = committeeSize();
        for (uint256 i = 0; i < seats; ++i) {
            uint256 sheet = 0;
            uint256 role = (i + (seed % seats)) % seats;
            for (uint256 j = 0; j < MEMBERS; ++j) {
                uint256 value = entry((i * 2_000 + j) % 10_001, (seed >> i) % 20_001, withheldOr(seed >> (8 + 4 * i)));
                if (role < failed % (seats + 1)) {
                    value = entry(isTaskFault ? TASK_FAULT : GATE_FAILED, 0, (seed >> i) % 3);
                } else if (seats - role <= unaudited % (seats + 1)) value = entry(NOT_AUDITED, 0, (seed >> i) % 3);
                sheet |= value << (32 * j);
            }
            plan(0, seatsOf(0)[i], sheet, 0);
        }
        uint256 revealed = scoreWithout(absent);

        settleAndCompare(revealed);
    }

    // ---- Planning

    function planRandomly(uint256 seed) private {
        address[] memory seats = seatsOf(0);
        for (uint256 i = 0; i < seats.length; ++i) {
            uint256 sheet = 0;
            for (uint256 j = 0; j < MEMBERS; ++j) {
                uint256 random = uint256(keccak256(abi.encode(seed, i, j)));
                // Seats lean toward one kind of entry for each member, so that every kind of majority is common.
                uint256 kindOfMember = uint256(keccak256(abi.encode(seed, j))) % 7;
                sheet |= randomEntry(random, kindOfMember) << (32 * j);
            }
            plan(0, seats[i], sheet, 0);
        }
    }

    function randomEntry(uint256 random, uint256 kindOfMember) private pure returns (uint256) {
        uint256 kind = random % 10;
        uint256 windows = withheldOr(random >> 8);
        if (kindOfMember == 0) windows = 2;
        if (kindOfMember >= 4 && kind != 9) windows = (random >> 12) % 4 == 0 ? 8 : 12;
        if (kindOfMember == 1 && kind < 6) return entry(NOT_AUDITED, 0, 0);
        if (kindOfMember == 2 && kind < 6) return entry(GATE_FAILED, 0, 0);
        if (kindOfMember == 3 && kind < 6) return entry(TASK_FAULT, 0, 0);
        if (kindOfMember == 6 && kind >= 4) return entry(NO_DECISION, (random >> 32) % 8 == 0 ? 2 : 0, windows);
        // Half of them are reasons, or as small.
        uint256 rarity = (random >> 16) % ((random >> 96) % 2 == 0 ? 40 : 20_001);
        if (kind == 0) return entry(NOT_AUDITED, rarity, windows);
        if (kind == 1) return entry(GATE_FAILED, rarity, windows);
        if (kind == 2) return entry(0, rarity, windows);
        if (kind == 3) return entry((random >> 128) % 2 == 0 ? TASK_FAULT : NO_DECISION, rarity, windows);
        return entry((random >> 64) % 10_001, rarity, windows % 4 == MISSED && kind < 8 ? 2 : windows);
    }

    /// Mostly what honest seats say of withheld windows: none replayed, and the same of the seats before.
    function withheldOr(uint256 random) private pure returns (uint256) {
        return random % 3 == 0 ? (random >> 8) % 16 : 12 + ((random >> 8) % 2);
    }

    /// All seats but those of `absent` reveal; they are always a majority.
    /// @return revealed bit i for seat i
    function scoreWithout(uint16 absent) private returns (uint256 revealed) {
        address[] memory seats = seatsOf(0);
        uint256 mayMiss = (seats.length - 1) / 2;
        for (uint256 i = 0; i < seats.length; ++i) {
            if (mayMiss > 0 && (absent >> i) & 1 == 1) --mayMiss;
            else revealed |= 1 << i;
        }
        toCommit(0);
        delete _sheets;
        for (uint256 i = 0; i < seats.length; ++i) {
            if ((revealed >> i) & 1 == 0) continue;
            (, uint256[] memory words) = sheetsOf(seats[i], 0);
            _sheets.push(words[0]);
            commitAs(seats[i], 0);
        }
        toReveal(0);
        for (uint256 i = 0; i < seats.length; ++i) if ((revealed >> i) & 1 == 1) revealAs(seats[i], 0);
        toSettle(0);
    }

    // ---- Settling and comparing

    function settleAndCompare(uint256 revealed) private {
        address[] memory seats = seatsOf(0);
        address[] memory members = membersOf(0);
        for (uint256 i = 0; i < seats.length; ++i) _accurate[seats[i]] = 0;
        ResultWord[] memory expected = new ResultWord[](members.length);
        for (uint256 j = 0; j < members.length; ++j) {
            expected[j] = ResultWord.wrap(referTo(j, members[j], seats, revealed));
        }

        expectFromRounds();
        emit IRoundsEvents.CohortSettled(taskId, round(), 0, expected);
        settle(0);

        for (uint256 j = 0; j < members.length; ++j) compareMember(members[j]);
        for (uint256 i = 0; i < seats.length; ++i) {
            IRoundsLens.ValidatorView memory seat = lens.validatorOf(taskId, seats[i]);
            assertEq(seat.accurateEntries, _accurate[seats[i]], "accurate entries");
            assertEq(seat.lastRound, round(), "duty noted");
        }
        compareSums();
    }

    /// Lets the reference settle one member.
    function referTo(
        uint256 j,
        address member,
        address[] memory seats,
        uint256 revealed
    ) private returns (uint256 word) {
        Reference.Record memory record = _records[member];
        if (record.reputation == 0) record.reputation = 5_000;
        bool isNamed = Reference.isNamed(view_().beacon, member, record, false);
        Reference.Result memory result = Reference.judge(entriesOn(j, revealed), committeeSize(), isNamed, record);
        if (result.outcome != Reference.TASK_FAULT) _settledRound[member] = round();
        Reference.apply_(record, result, referenceTerms());
        _records[member] = record;

        if (result.released != 0) {
            expectFromRounds();
            emit IRoundsEvents.HeldReleased(taskId, round(), member, result.released);
        }
        if (result.cancelled != 0) {
            expectFromRounds();
            emit IRoundsEvents.HeldCancelled(taskId, round(), member, result.cancelled);
        }
        uint256 n = 0;
        for (uint256 i = 0; i < seats.length; ++i) {
            if ((revealed >> i) & 1 == 1 && result.agrees[n++]) ++_accurate[seats[i]];
        }
        return Reference.wordOf(record, result);
    }

    function entriesOn(uint256 j, uint256 revealed) private view returns (Reference.Entry[] memory entries) {
        entries = new Reference.Entry[](_sheets.length);
        uint256 n = 0;
        for (uint256 i = 0; i < committeeSize(); ++i) {
            if ((revealed >> i) & 1 == 0) continue;
            uint256 value = (_sheets[n] >> (32 * j)) & 0xffffffff;
            entries[n] = Reference.entryOf(value, i, 0);
            // Window w goes to seat w mod k.
            for (uint256 w = 0; w < 6; ++w) if (w % committeeSize() == i) ++entries[n].assigned;
            ++n;
        }
    }

    function referenceTerms() private view returns (Reference.Terms memory) {
        uint256 bonus = Reference.earlyBonusOf(12_000, 3, round());
        return Reference.Terms(1e12, 640, 1e11, DATA_UNITS, bonus, 6, round() == lastRound());
    }

    function compareMember(address member) private view {
        Reference.Record storage record = _records[member];
        IRoundsLens.ParticipantView memory participant = lens.participantOf(taskId, member);
        assertEq(participant.runningQualityBps, record.quality, "running Q");
        assertEq(participant.runningRarityBps, record.rarity, "running R");
        assertEq(participant.reputationBps, record.reputation, "reputation");
        assertEq(participant.provenWindows, record.proven, "proven");
        assertEq(participant.flagged, record.isFlagged, "flagged");
        assertEq(participant.seen, record.seen, "seen");
        assertEq(participant.settledRound, _settledRound[member], "settled round");
        IRoundsLens.EarningsView memory earnings = lens.earningsOf(taskId, member);
        assertEq(earnings.matured + earnings.pending, record.credited, "credited");
        assertEq(earnings.held, record.held, "held");
    }

    function compareSums() private view {
        (uint256 credited, uint256 held, uint256 enrolled, uint256 reputations) = lens.totalsOf(taskId);
        uint256[3] memory sums;
        for (uint256 i = 0; i < contributors.length; ++i) {
            sums[0] += _records[contributors[i]].credited;
            sums[1] += _records[contributors[i]].held;
            sums[2] += lens.participantOf(taskId, contributors[i]).reputationBps;
        }
        assertEq(held, sums[1], "held in total");
        assertEq(reputations, sums[2], "sum of reputations");
        assertEq(enrolled, contributors.length);
        uint256 paidToValidators = 0;
        for (uint256 i = 0; i < validators.length; ++i) {
            IRoundsLens.EarningsView memory earnings = lens.earningsOf(taskId, validators[i]);
            paidToValidators += earnings.matured + earnings.pending;
        }
        assertEq(credited, sums[0] + paidToValidators, "credited in total");
    }
}

/// Five seats, of which one or two may be silent: ties, and windows 2, 1, 1, 1, 1.
contract RoundsSettlementOfFiveTest is RoundsSettlementTest {
    function committeeSize() internal pure override returns (uint8) {
        return 5;
    }

    function lastRound() internal pure override returns (uint32) {
        return 10;
    }
}

/// Nine seats, three of them without windows; the ninth lies in the upper lanes.
contract RoundsSettlementOfNineTest is RoundsSettlementTest {
    function committeeSize() internal pure override returns (uint8) {
        return 9;
    }

    function lastRound() internal pure override returns (uint32) {
        return 10;
    }
}

/// Five seats in the last round, which ends every hold.
contract RoundsSettlementOfTheLastRoundTest is RoundsSettlementTest {
    function committeeSize() internal pure override returns (uint8) {
        return 5;
    }

    function lastRound() internal pure override returns (uint32) {
        return 4;
    }
}
