// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IRoundsEvents} from "../../../contracts/interfaces/IRoundsEvents.sol";
import {IRoundsLens} from "../../../contracts/interfaces/IRoundsLens.sol";
import {IRoundsTypes} from "../../../contracts/interfaces/IRoundsTypes.sol";
import {ITasks} from "../../../contracts/interfaces/ITasks.sol";
import {Sampling} from "../../../contracts/libraries/Sampling.sol";
import {RoundsChain} from "../fixtures/RoundsChain.sol";
import {Vm, vm} from "../fixtures/Vm.sol";

/// What a committee's words cost and earn: "not audited" where the beacon asked for an audit, and the task's fault.
contract RoundsVerdictsTest is RoundsChain {
    address private alice;

    function setUp() public override {
        super.setUp();
        enrol(3);
        join(11);
        alice = contributors[0];
    }

    function terms() internal override returns (ITasks.TaskParams memory params) {
        params = super.terms();
        params.committeeSize = 5;
        params.maxRounds = 3;
    }

    // ---- "Not audited"

    /// Every update of a newcomer's first round is named for an audit.
    function test_Attack54_NotAuditedEarnsNothingWhereTheBeaconAskedForAnAudit() public {
        openAndSeal(3);
        planAll(entry(NOT_AUDITED, 0, 0));
        address[] memory seats = seatsOf(0);
        planCohort(0, from(seats, 3), entry(8_000, 10_000, 1));
        scoreAttempt(0);
        settle(0);

        for (uint256 i = 0; i < 5; ++i) assertEq(accurateOf(seats[i]), 0, "paid for no answer, or against a majority");
        assertEq(lens.participantOf(taskId, alice).seen, 1);
        assertEq(lens.participantOf(taskId, alice).runningQualityBps, 0, "audited by two of five");
    }

    function test_NotAuditedIsPaidWhereTheBeaconAskedForNoAudit() public {
        (address[] memory seats, ) = roundWithAnUnnamedUpdate();
        uint256 named = 0;
        for (uint256 i = 0; i < 3; ++i) if (isNamed(view_().beacon, contributors[i])) ++named;
        assertLt(named, 3);
        planAll(entry(NOT_AUDITED, 0, 0));
        scoreAttempt(0);
        settle(0);

        for (uint256 i = 0; i < 5; ++i) assertEq(accurateOf(seats[i]), 3 - named);
    }

    /// The last round audits everybody.
    function test_Attack54_NotAuditedEarnsNothingInTheLastRound() public {
        roundWithAnUnnamedUpdate();
        finishSealed(entry(8_000, 10_000, 2));
        openAndSeal(3);
        address[] memory seats = seatsOf(0);
        planAll(entry(NOT_AUDITED, 0, 0));
        scoreAttempt(0);
        settle(0);

        for (uint256 i = 0; i < 5; ++i) assertEq(accurateOf(seats[i]), 0);
    }

    /// One of five seats is silent, two say "not audited": the other two decide.
    function test_HalfOfTheSeatsCannotBlockAnAuditThatTheBeaconAskedFor() public {
        address[] memory seats = tieOn(entry(8_000, 10_000, 1));

        assertEq(lens.participantOf(taskId, alice).runningQualityBps, 8_000);
        assertEq(lens.earningsOf(taskId, alice).held, 0);
        assertEq(accurateOf(seats[1]) + accurateOf(seats[2]), 0);
        assertEq(accurateOf(seats[3]) + accurateOf(seats[4]), 6);
    }

    /// A half that says "failed" doesn't flag anybody, but it stops the pay.
    function test_HalfOfTheSeatsCannotFailAnUpdate() public {
        address[] memory seats = tieOn(entry(GATE_FAILED, 0, 0));

        assertFalse(lens.participantOf(taskId, alice).flagged);
        assertEq(lens.participantOf(taskId, alice).seen, 1);
        assertEq(lens.earningsOf(taskId, alice).pending, 0);
        assertEq(accurateOf(seats[3]) + accurateOf(seats[4]), 6);
    }

    // ---- Reasons

    /// Three of five seats score the update, one of them without any rarity. The others' reasons are between its rarity
    /// and theirs, and would be the median if they were rarities.
    function test_ReasonsOfOthersRaiseNoRarity() public {
        uint256[2][3] memory others = [[uint256(0), 1], [uint256(0), 15], [GATE_FAILED, 15]];
        for (uint256 i = 0; i < 3; ++i) {
            (uint256 quality, uint256 reason) = (others[i][0], others[i][1]);
            openAndSeal(3);
            address[] memory seats = seatsOf(0);
            planAll(entry(8_000, 10_000, 1));
            planOne(seats[0], entry(8_000, 0, 1));
            planOne(seats[1], entry(quality, 2 * reason, 0));
            planOne(seats[2], entry(quality, 2, 0));
            scoreAttempt(0);
            settle(0);
            voteAll("model");
            finalize();

            assertEq(lens.participantOf(taskId, alice).runningQualityBps, 8_000);
            assertEq(lens.participantOf(taskId, alice).runningRarityBps, 0, "raised by a reason");
        }
    }

    /// The least rarity that counts, and one less.
    function test_TheLeastRarityCounts() public {
        playRound(3, entry(8_000, 32, 1));
        assertEq(lens.participantOf(taskId, alice).runningRarityBps, 32);
        playRound(3, entry(8_000, 30, 1));
        assertEq(lens.participantOf(taskId, alice).runningRarityBps, 24, "a quarter of the way to none");
    }

    // ---- The task's fault

    /// The contributor is paid at its running values, m = 6: at once, and nothing else changes.
    function test_TheTasksFaultPaysSeatsAndRunningValuesAndFlagsNobody() public {
        playRound(3, entry(8_000, 10_000, 2));
        IRoundsLens.ParticipantView memory before = lens.participantOf(taskId, alice);
        uint256 pending = lens.earningsOf(taskId, alice).pending;
        openAndSeal(3);
        address[] memory seats = seatsOf(0);
        planAll(entry(TASK_FAULT, 0, 0));
        plan(0, seats[0], entry(GATE_FAILED, 0, 0), 0);
        scoreAttempt(0);
        (uint256 outcome, uint256 pay) = resultOf(alice);

        assertEq(outcome, uint256(IRoundsTypes.Outcome.TaskFault));
        before.lastRound = 2;
        before.index = lens.participantOf(taskId, alice).index;
        assertEq(
            keccak256(abi.encode(lens.participantOf(taskId, alice))),
            keccak256(abi.encode(before)),
            "the record changed"
        );
        // 1e12 · 640 · 0.6069 · 0.8 · 0.6 · 1.16 and 1e11 · 700 · 1 · 0.6 · 1.16.
        assertEq(pay, 216_270_028_800_000 + 48_720_000_000_000);
        assertEq(lens.earningsOf(taskId, alice).pending, pending + pay, "not credited");
        assertEq(lens.earningsOf(taskId, alice).held, 0, "held");
        assertLt(accurateOf(seats[0]), 3);
        for (uint256 i = 1; i < 5; ++i) assertEq(accurateOf(seats[i]), 3);
    }

    /// Neither a release nor a cancellation: what waits for an audit goes on waiting.
    function test_TheTasksFaultLeavesHeldPayHeld() public {
        (, address unnamed) = roundWithAnUnnamedUpdate();
        finishSealed(entry(NOT_AUDITED, 0, 0));
        uint256 held = lens.earningsOf(taskId, unnamed).held;
        assertGt(held, 0);
        openAndSeal(3);
        planAll(entry(TASK_FAULT, 0, 0));
        scoreAttempt(0);
        settle(0);

        assertEq(lens.earningsOf(taskId, unnamed).held, held);
    }

    // ---- Withheld windows

    /// Seat 0 has two of six windows and saw neither. It counts when both seats that looked say so too: m = 0 + 4 − 2 ·
    /// 6, not below 0, and no pay for compute in a first round. Nobody's own pay depends on what it says.
    function test_WithheldWindowsCostWhenBothLookingSeatsSaySo() public {
        assertEq(computePayIf(0, 4, 8), 0);
        assertEq(lens.participantOf(taskId, alice).provenWindows, 0);
        assertEq(lens.earningsOf(taskId, alice).pending, 50_400_000_000_000, "no pay for data");
        address[] memory seats = seatsOf(0);
        for (uint256 i = 0; i < 5; ++i) assertEq(accurateOf(seats[i]), 3, "a word about windows moved its seat's pay");
    }

    /// Without the others' word they are not proven, and no more: m = 4, 1e12 · 640 · 0.4728 · 0.8 · 0.6 · 1.2.
    function test_NoSeatAloneCanCallWindowsWithheld() public {
        uint256[3][3] memory words = [[uint256(0), 0, 0], [uint256(0), 4, 0], [uint256(0), 0, 8]];
        for (uint256 i = 0; i < 3; ++i) {
            uint256 id = vm.snapshotState();
            assertEq(computePayIf(words[i][0], words[i][1], words[i][2]), 174_292_992_000_000);
            for (uint256 j = 0; j < 5; ++j) assertEq(accurateOf(seatsOf(0)[j]), 3);
            vm.revertToState(id);
        }
        // Two who look can't call withheld what was replayed: m = 6.
        assertEq(computePayIf(2, 4, 8), 223_727_616_000_000);
    }

    /// Seat 2 has one window, proves none and says nothing of those of seat 0: it looked at nothing. m = 0 + 3 − 2 · 6.
    function test_ASeatThatLooksAtNothingSavesNobodyWhoWithholds() public {
        openAndSeal(3);
        planWords([uint256(0), 1 + 4, 0, 1, 1]);
        scoreAttempt(0);
        assertEq(lens.participantOf(taskId, alice).provenWindows, 0);
        (, uint256 pay) = resultOf(alice);
        assertEq(pay, 50_400_000_000_000, "more than pay for data");
    }

    /// A window of seat 1: m = 6 − 1 + 5 − 6. In the last round three of six windows are of the held round, so a third of
    /// what is held is lost.
    function test_OneWithheldWindowOfTheLastRoundCostsAThirdOfWhatIsHeld() public {
        (, address unnamed) = roundWithAnUnnamedUpdate();
        finishSealed(entry(NOT_AUDITED, 0, 0));
        uint256 held = lens.earningsOf(taskId, unnamed).held;
        assertGt(held, 0);
        openAndSeal(3);
        planWords([uint256(2), 0, 1 + 4, 1 + 8, 1]);
        scoreAttempt(0);

        uint256 released = (held * 12) / 18;
        expectFromRounds();
        emit IRoundsEvents.HeldReleased(taskId, 3, unnamed, released);
        expectFromRounds();
        emit IRoundsEvents.HeldCancelled(taskId, 3, unnamed, held - released);
        settle(0);

        assertEq(lens.participantOf(taskId, unnamed).provenWindows, 4);
        assertEq(lens.earningsOf(taskId, unnamed).held, 0);
        (, uint256 heldSum, , ) = lens.totalsOf(taskId);
        assertEq(heldSum, 0);
    }

    /// Alice's pay for compute in a first round in which three seats say what they replayed and which windows were
    /// withheld.
    function computePayIf(uint256 first, uint256 second, uint256 third) private returns (uint256) {
        openAndSeal(3);
        planWords([first, 1 + second, 1 + third, 1, 1]);
        scoreAttempt(0);
        (, uint256 pay) = resultOf(alice);
        return pay - 50_400_000_000_000;
    }

    function planWords(uint256[5] memory windows) private {
        address[] memory seats = seatsOf(0);
        for (uint256 i = 0; i < 5; ++i) {
            (uint256 low, uint256 high) = uniform(3, entry(8_000, 10_000, windows[i]));
            plan(0, seats[i], low, high);
        }
    }

    // ---- Helpers

    /// The first seat is silent, the next two say "not audited" and the last two something else.
    /// A seat says the same of all three members.
    function planOne(address seat, uint256 value) private {
        plan(0, seat, value | (value << 32) | (value << 64), 0);
    }

    function tieOn(uint256 others) private returns (address[] memory seats) {
        openAndSeal(3);
        seats = seatsOf(0);
        planAll(entry(NOT_AUDITED, 0, 0));
        silence(0, seats[0]);
        planCohort(0, from(seats, 3), others);
        scoreAttempt(0);
        settle(0);
    }

    /// A second round with a beacon that names not everybody. Newcomers' second updates are named nineteen times in
    /// twenty.
    function roundWithAnUnnamedUpdate() private returns (address[] memory seats, address unnamed) {
        playRound(3, entry(8_000, 10_000, 2));
        open();
        submit(3);
        close();
        for (uint256 nonce = 0; unnamed == address(0); ++nonce) {
            bytes32 value = keccak256(abi.encode(nonce));
            for (uint256 i = 0; i < 3; ++i) {
                if (!isNamed(value, contributors[i])) unnamed = contributors[i];
            }
            if (unnamed != address(0)) seal(value);
        }
        seats = seatsOf(0);
    }

    /// ρ = 0.6 after a first round at Q = 0.8.
    function isNamed(bytes32 value, address contributor) private pure returns (bool) {
        return Sampling.isAudited(value, contributor, 5_000 + (13_000 - 5_000) / 8, 1, false);
    }

    function from(address[] memory accounts, uint256 start) private pure returns (address[] memory rest) {
        rest = new address[](accounts.length - start);
        for (uint256 i = 0; i < rest.length; ++i) rest[i] = accounts[start + i];
    }

    function accurateOf(address seat) private view returns (uint256) {
        return lens.validatorOf(taskId, seat).accurateEntries;
    }

    /// Settles, and reads what the event says about an account.
    function resultOf(address account) private returns (uint256 outcome, uint256 pay) {
        address[] memory members = membersOf(0);
        vm.recordLogs();
        settle(0);
        Vm.Log[] memory logs = vm.getRecordedLogs();
        uint256[] memory results = abi.decode(logs[0].data, (uint256[]));
        for (uint256 j = 0; j < members.length; ++j) {
            if (members[j] != account) continue;
            return (uint8(results[j]), uint80(results[j] >> 64) + uint256(uint80(results[j] >> 144)));
        }
    }
}
