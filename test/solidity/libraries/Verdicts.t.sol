// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IRoundsTypes} from "../../../contracts/interfaces/IRoundsTypes.sol";
import {Sampling} from "../../../contracts/libraries/Sampling.sol";
import {ScoreWords} from "../../../contracts/libraries/ScoreWords.sol";
import {Verdicts} from "../../../contracts/libraries/Verdicts.sol";
import {ParticipantWord} from "../../../contracts/types/ParticipantWord.sol";
import {SeatVerdicts} from "../fixtures/reference/SeatVerdicts.sol";
import {Test} from "../fixtures/Test.sol";

/// @notice What all lanes of a word give at once is what the rules give seat after seat.
contract VerdictsTest is Test {
    using Verdicts for Verdicts.Sheets;

    uint256 private constant MEMBERS = 16;
    /// Of eight entries, how many are scores, failed gates and task's faults; the rest isn't audited.
    uint256[3][8] private _mixes = [
        [uint256(8), 0, 0],
        [uint256(4), 0, 0],
        [uint256(0), 0, 4],
        [uint256(2), 2, 0],
        [uint256(2), 2, 2],
        [uint256(5), 3, 0],
        [uint256(1), 0, 1],
        [uint256(1), 5, 1]
    ];

    struct Draw {
        uint256 seed;
        uint256 count;
        bool[15] isRevealed;
        uint256[16][15] entries;
    }

    /// Two committees after each other, as a settlement has them: nothing of the first is left in the second.
    function testFuzz_AVerdictIsThatOfItsSeats(uint256 seed) public view {
        Verdicts.Sheets memory sheets;
        Verdicts.Verdict memory verdict;
        Draw memory draw;
        draw.seed = seed;
        for (uint256 turn = 0; turn < 2; ++turn) {
            drawCommittee(draw, sheets);
            for (uint256 j = 0; j < MEMBERS; ++j) compare(draw, sheets, verdict, j);
        }
    }

    /// Without windows to replay every score has them all.
    function test_ACommitteeWithoutWindowsProvesNone() public view {
        Verdicts.Sheets memory sheets;
        Verdicts.Verdict memory verdict;
        Draw memory draw;
        draw.seed = 1;
        for (uint256 turn = 0; turn < 8; ++turn) {
            drawCommittee(draw, sheets);
            sheets.drawn = 0;
            fill(draw, sheets);
            for (uint256 j = 0; j < MEMBERS; ++j) compare(draw, sheets, verdict, j);
        }
    }

    /// Turning moves entries only: what stands behind them in memory stays as it is, and of few seats the second list, too.
    function test_TurningChangesNothingBehindTheEntries() public pure {
        for (uint256 count = 3; count < 16; ++count) {
            Verdicts.Sheets memory sheets;
            uint256[8] memory behind = [uint256(1), 2, 3, 4, 5, 6, 7, 8];
            sheets.seatCount = count;
            for (uint256 row = 0; row < 32; ++row) sheets.entries[row] = row;
            sheets.turn();
            for (uint256 i = 0; i < 8; ++i) assertEq(behind[i], i + 1);
            for (uint256 row = 16; row < 32 && count <= 8; ++row) assertEq(sheets.entries[row], row);
        }
    }

    function compare(
        Draw memory draw,
        Verdicts.Sheets memory sheets,
        Verdicts.Verdict memory verdict,
        uint256 j
    ) private pure {
        verdict.contributor = address(uint160(next(draw)));
        verdict.record = drawRecord(draw);
        (verdict.asked, verdict.isUndecided) = (0, true);
        Verdicts.judge(sheets, j, verdict);

        SeatVerdicts.Seats memory seats;
        (seats.count, seats.isRevealed) = (draw.count, draw.isRevealed);
        for (uint256 seat = 0; seat < draw.count; ++seat) {
            seats.assigned[seat] = Sampling.assignedWindows(sheets.drawn, draw.count, seat);
            seats.entries[seat] = draw.entries[seat][j];
        }
        Verdicts.Verdict memory wanted = SeatVerdicts.verdictOf(seats, isNamed(sheets, verdict), verdict.record);
        assertSame(verdict, wanted);
    }

    /// Reputation, flag and settled rounds; of a contributor that was judged running Q and R too, often at their limits.
    function drawRecord(Draw memory draw) private pure returns (ParticipantWord) {
        uint256 word = ((5_000 + (next(draw) % 10_001)) << 88) | ((next(draw) & 1) << 113) | ((next(draw) % 40) << 152);
        uint256 quality = [uint256(0), 1, 9_999, 10_000][next(draw) % 4];
        uint256 rarity = [uint256(0), 1, 31, 32, 9_999, 20_000][next(draw) % 6];
        if (next(draw) % 4 != 0) word |= (quality << 56) | (rarity << 72) | (1 << 115);
        return ParticipantWord.wrap(word);
    }

    function isNamed(Verdicts.Sheets memory sheets, Verdicts.Verdict memory verdict) private pure returns (bool) {
        ParticipantWord record = verdict.record;
        (uint256 reputation, uint256 seen, bool flagged) = (record.reputation(), record.seen(), record.isFlagged());
        bool isDrawn = Sampling.isAudited(sheets.beacon, verdict.contributor, reputation, seen, flagged);
        return sheets.isLastRound || isDrawn;
    }

    function assertSame(Verdicts.Verdict memory verdict, Verdicts.Verdict memory wanted) private pure {
        assertEq(uint256(verdict.outcome), uint256(wanted.outcome), "outcome");
        assertEq(verdict.agreeing, wanted.agreeing, "agreeing");
        assertEq(verdict.quality, wanted.quality, "quality");
        assertEq(verdict.rarity, wanted.rarity, "rarity");
        assertEq(verdict.windows, wanted.windows, "windows");
        assertEq(verdict.withheld, wanted.withheld, "withheld");
        assertEq(verdict.asked, wanted.asked, "asked");
        if (verdict.outcome == IRoundsTypes.Outcome.Audited) assertEq(verdict.isUndecided, wanted.isUndecided, "flag");
        uint256 seats = 0;
        for (uint256 i = 0; i < 16; ++i) seats += Verdicts.countAt(verdict.agreeing, i);
        uint256 expected = 0;
        for (uint256 set = wanted.agreeing; set != 0; set &= set - 1) ++expected;
        assertEq(seats, expected, "seats");
    }

    // ---- committees

    /// @dev Of 3…15 seats most reveal, at least one does.
    function drawCommittee(Draw memory draw, Verdicts.Sheets memory sheets) private view {
        draw.count = 3 + (next(draw) % 13);
        (sheets.seatCount, sheets.drawn) = (draw.count, next(draw) % 7);
        (sheets.beacon, sheets.isLastRound) = (bytes32(next(draw)), next(draw) & 1 == 0);
        for (uint256 seat = 0; seat < draw.count; ++seat) {
            draw.isRevealed[seat] = seat == 1 || next(draw) % 6 != 0;
            for (uint256 j = 0; j < MEMBERS; ++j) {
                draw.entries[seat][j] = drawEntry(draw, _mixes[j % 8], j >= 8, sheets, seat);
            }
        }
        fill(draw, sheets);
    }

    function fill(Draw memory draw, Verdicts.Sheets memory sheets) private pure {
        sheets.clear();
        for (uint256 seat = 0; seat < draw.count; ++seat) {
            if (!draw.isRevealed[seat]) continue;
            (uint256 low, uint256 high) = (0, 0);
            for (uint256 j = 0; j < 8; ++j) {
                low |= draw.entries[seat][j] << (32 * j);
                high |= draw.entries[seat][j + 8] << (32 * j);
            }
            sheets.add(seat, low, high);
        }
        sheets.turn();
    }

    function drawEntry(
        Draw memory draw,
        uint256[3] memory mix,
        bool undecided,
        Verdicts.Sheets memory sheets,
        uint256 seat
    ) private pure returns (uint256) {
        uint256 class = next(draw) % 8;
        if (class >= mix[0] + mix[1] + mix[2]) return ScoreWords.NOT_AUDITED | ((next(draw) & 1) << 14);
        uint256 windows = Sampling.assignedWindows(sheets.drawn, sheets.seatCount, seat);
        if (next(draw) % 3 == 0) windows = next(draw) % 3;
        if (class >= mix[0] + mix[1]) return ScoreWords.TASK_FAULT | (windows << 28);
        if (class >= mix[0]) return drawFailed(draw);
        // What it says of others' windows, most often nothing.
        if (next(draw) & 1 == 0) windows |= (next(draw) & 3) << 2;
        uint256 rarity = [uint256(0), 15, 16, 17, 5_000, 10_000][next(draw) % 6];
        // Of half of the members two scores in three are no decision, most often without a reason.
        uint256 quality = 2_500 * (next(draw) % 5);
        if (undecided && next(draw) % 3 != 0) {
            (quality, rarity) = (ScoreWords.NO_DECISION, next(draw) % 4 == 0 ? rarity : 0);
        }
        return quality | (rarity << 14) | (windows << 28);
    }

    /// @dev A gate, or a replay that was missed, whatever the quality says.
    function drawFailed(Draw memory draw) private pure returns (uint256) {
        uint256 reason = next(draw) & 15;
        if (next(draw) & 1 == 0) return ScoreWords.GATE_FAILED | (reason << 14);
        return [ScoreWords.GATE_FAILED, 8_000, ScoreWords.TASK_FAULT][next(draw) % 3] | (reason << 14) | (3 << 28);
    }

    function next(Draw memory draw) private pure returns (uint256) {
        draw.seed = uint256(keccak256(abi.encode(draw.seed)));
        return draw.seed >> 128;
    }
}
