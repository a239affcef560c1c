// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IRoundsLens} from "../../../contracts/interfaces/IRoundsLens.sol";
import {IRoundsTypes} from "../../../contracts/interfaces/IRoundsTypes.sol";
import {ITasks} from "../../../contracts/interfaces/ITasks.sol";
import {RoundsChain} from "../fixtures/RoundsChain.sol";
import {Vm, vm} from "../fixtures/Vm.sol";

/// An audit on which seats can't decide: the running score stays, nobody is flagged or cleared, and all else goes on.
contract RoundsNoDecisionTest is RoundsChain {
    struct Result {
        uint256 outcome;
        uint256 quality;
        uint256 rarity;
        uint256 pay;
    }

    address private alice;
    address[] private _seats;

    function setUp() public override {
        super.setUp();
        enrol(3);
        join(11);
        alice = contributors[0];
    }

    function terms() internal override returns (ITasks.TaskParams memory params) {
        params = super.terms();
        params.committeeSize = 5;
        params.maxRounds = 8;
    }

    // ---- the score

    /// R is odd, which no sheet can say: it is the running one all the same, over any number of rounds.
    function test_TheRunningScoreStaysToTheBasisPoint() public {
        playRound(3, entry(8_000, 10_000, 2));
        playRound(3, entry(7_001, 10_006, 2));
        assertRunning(7_751, 10_001);
        for (uint256 i = 0; i < 3; ++i) {
            assertSettled(playUndecided(), 7_751, 10_001);
            assertRunning(7_751, 10_001);
        }
    }

    /// A running R below the least one that a sheet can say is none of the reasons that small numbers stand for.
    function test_ASmallRunningRarityStays() public {
        playRound(3, entry(8_000, 32, 2));
        playRound(3, entry(8_000, 30, 2));
        for (uint256 i = 0; i < 3; ++i) {
            assertSettled(playUndecided(), 8_000, 24);
            assertRunning(8_000, 24);
        }
    }

    /// Who never helped isn't paid because nobody can tell.
    function test_ARunningScoreOfZeroStaysZero() public {
        playRound(3, entry(0, 0, 2));
        assertEq(assertSettled(playUndecided(), 0, 0).pay, 0);
        assertRunning(0, 0);
    }

    /// Without a running score it is half of the highest quality, and the mean rarity.
    function test_ANewcomersScoreIsNeutral() public {
        assertSettled(playUndecided(), 5_000, 10_000);
        assertRunning(5_000, 10_000);
        IRoundsLens.ParticipantView memory her = lens.participantOf(taskId, alice);
        assertEq(her.reputationBps, 5_625);
        assertEq(her.provenWindows, 6);
    }

    /// The running score is one of five. Two seats below and two above it: it is the median, to one side a seat's score.
    function test_AmongScoresTheRunningOneIsOneOfThem() public {
        playRound(3, entry(8_000, 10_000, 2));
        uint256 undecided = entry(NO_DECISION, 0, 1);
        uint256[5] memory between = [
            entry(2_000, 20_000, 1),
            entry(3_000, 15_000, 1),
            entry(9_000, 500, 1),
            entry(10_000, 40, 1),
            undecided
        ];
        assertSettled(play(between), 8_000, 10_000);
        between[2] = entry(4_000, 16_000, 1);
        assertSettled(play(between), 4_000, 15_000);
    }

    /// Failed gates count 0 beside it; if most seats say so, they decide.
    function test_FailedGatesCountZeroBesideIt() public {
        playRound(3, entry(8_000, 10_000, 2));
        uint256 undecided = entry(NO_DECISION, 0, 1);
        uint256 failed = entry(GATE_FAILED, 2, 0);
        assertSettled(play([failed, failed, undecided, undecided, undecided]), 8_000, 10_000);
        Result memory result = play([failed, failed, failed, undecided, undecided]);
        assertEq(result.outcome, uint256(IRoundsTypes.Outcome.Failed));
    }

    // ---- all else of an audit

    /// Windows are proven, reputation moves by the running Q, and the pay is credited: 1e12 · 640 · ℓ(11) · 0.8 + 7e13, at
    /// ρ = 0.6875 and ε = 1.16.
    function test_AnAuditWithoutADecisionIsPaidAndProvesWindows() public {
        playRound(3, entry(8_000, 10_000, 2));
        uint256 earned = earnings();
        Result memory result = playUndecided();

        IRoundsLens.ParticipantView memory her = lens.participantOf(taskId, alice);
        assertEq(result.outcome, uint256(IRoundsTypes.Outcome.Audited));
        assertEq(her.provenWindows, 11);
        assertEq(her.reputationBps, 6_875);
        assertEq(her.seen, 2);
        assertFalse(her.flagged);
        assertEq(result.pay, 366_760_680_000_000);
        assertEq(earnings(), earned + result.pay);
    }

    function test_SeatsArePaidWhetherTheyDecideOrNot() public {
        uint256 undecided = entry(NO_DECISION, 0, 1);
        uint256 score = entry(8_000, 10_000, 1);
        play([undecided, undecided, score, score, entry(GATE_FAILED, 0, 0)]);
        for (uint256 i = 0; i < 4; ++i) assertEq(lens.validatorOf(taskId, _seats[i]).accurateEntries, 3);
        assertEq(lens.validatorOf(taskId, _seats[4]).accurateEntries, 0);
    }

    function test_HeldPayIsReleased() public {
        playRound(3, entry(8_000, 10_000, 2));
        playRound(3, entry(NOT_AUDITED, 0, 0));
        uint256 held = lens.earningsOf(taskId, alice).held;
        uint256 earned = earnings();
        Result memory result = playUndecided();

        assertGt(held, 0);
        assertEq(lens.earningsOf(taskId, alice).held, 0);
        assertEq(earnings(), earned + held + result.pay);
    }

    /// Seat 0 was shown none of its two windows and the seats that looked say so: m = 6 − 1 + 4 − 12, and no decision
    /// pays for data alone.
    function test_WithheldWindowsCost() public {
        playRound(3, entry(8_000, 10_000, 2));
        play(
            [
                entry(NO_DECISION, 0, 0),
                entry(NO_DECISION, 0, 1 + 4),
                entry(NO_DECISION, 0, 1 + 8),
                entry(NO_DECISION, 0, 1),
                entry(NO_DECISION, 0, 1)
            ]
        );
        assertEq(lens.participantOf(taskId, alice).provenWindows, 0);
    }

    // ---- flags

    /// A failed gate, a held round, then no decision: flag and held pay stay, whoever's running score is above 0. A score
    /// ends both.
    function test_NoDecisionClearsNoFlag() public {
        uint256 held = flagged();
        assertEq(assertSettled(playUndecided(), 6_000, 7_500).outcome, uint256(IRoundsTypes.Outcome.Audited));
        assertTrue(lens.participantOf(taskId, alice).flagged);
        assertEq(lens.earningsOf(taskId, alice).held, held);

        playRound(3, entry(1, 32, 2));
        assertFalse(lens.participantOf(taskId, alice).flagged);
        assertEq(lens.earningsOf(taskId, alice).held, 0);
    }

    function test_AFlagIsClearedByMoreThanHalfOfTheScores() public {
        uint256 held = flagged();
        uint256 undecided = entry(NO_DECISION, 0, 1);
        uint256 score = entry(8_000, 10_000, 1);
        uint256 id = vm.snapshotState();
        play([undecided, score, undecided, score, undecided]);
        assertTrue(lens.participantOf(taskId, alice).flagged, "cleared by two of five");
        assertEq(lens.earningsOf(taskId, alice).held, held);
        vm.revertToState(id);

        id = vm.snapshotState();
        play([undecided, score, score, score, undecided]);
        assertFalse(lens.participantOf(taskId, alice).flagged);
        vm.revertToState(id);

        // Three of the four that count are needed.
        play([undecided, score, score, undecided, entry(NOT_AUDITED, 0, 0)]);
        assertTrue(lens.participantOf(taskId, alice).flagged, "cleared by half");
    }

    /// The last round ends every hold: what a flag keeps is lost.
    function test_InTheLastRoundAFlagStillKeepsHeldPay() public {
        newTaskOf(4);
        assertGt(flagged(), 0);
        uint256 earned = earnings();
        Result memory result = playUndecided();

        assertEq(lens.earningsOf(taskId, alice).held, 0);
        assertEq(earnings(), earned + result.pay);
    }

    // ---- helpers

    /// Three rounds after which Alice is flagged and has pay held.
    function flagged() private returns (uint256 held) {
        playRound(3, entry(8_000, 10_000, 2));
        playRound(3, entry(GATE_FAILED, 0, 0));
        playRound(3, entry(NOT_AUDITED, 0, 0));
        assertTrue(lens.participantOf(taskId, alice).flagged);
        held = lens.earningsOf(taskId, alice).held;
        assertGt(held, 0);
    }

    function playUndecided() private returns (Result memory) {
        return
            play(
                [
                    entry(NO_DECISION, 0, 2),
                    entry(NO_DECISION, 0, 1),
                    entry(NO_DECISION, 0, 1),
                    entry(NO_DECISION, 0, 1),
                    entry(NO_DECISION, 0, 1)
                ]
            );
    }

    /// Plays a round in which each seat says one thing of all members. Its result for Alice.
    function play(uint256[5] memory said) private returns (Result memory result) {
        openAndSeal(3);
        _seats = seatsOf(0);
        for (uint256 i = 0; i < 5; ++i) {
            (uint256 low, uint256 high) = uniform(3, said[i]);
            plan(0, _seats[i], low, high);
        }
        scoreAttempt(0);
        address[] memory members = membersOf(0);
        vm.recordLogs();
        settle(0);
        Vm.Log[] memory logs = vm.getRecordedLogs();
        uint256[] memory results = abi.decode(logs[logs.length - 1].data, (uint256[]));
        for (uint256 j = 0; j < members.length; ++j) {
            if (members[j] != alice) continue;
            result.outcome = uint8(results[j]);
            (result.quality, result.rarity) = (uint16(results[j] >> 32), uint16(results[j] >> 48));
            result.pay = uint80(results[j] >> 64) + uint256(uint80(results[j] >> 144));
        }
        voteAll("model");
        finalize();
        skip(2_000);
    }

    /// Another task with the same people.
    function newTaskOf(uint32 rounds_) private {
        ITasks.TaskParams memory params = terms();
        params.maxRounds = rounds_;
        taskId = createTask(params);
        for (uint256 i = 0; i < contributors.length; ++i) enrolAs(contributors[i]);
        for (uint256 i = 0; i < validators.length; ++i) {
            assay.transfer(validators[i], STAKE);
            vm.prank(validators[i]);
            registry.stake(STAKE);
            joinAs(validators[i], STAKE);
        }
    }

    function earnings() private view returns (uint256) {
        IRoundsLens.EarningsView memory hers = lens.earningsOf(taskId, alice);
        return hers.matured + hers.pending;
    }

    function assertSettled(Result memory result, uint256 quality, uint256 rarity) private pure returns (Result memory) {
        assertEq(result.quality, quality, "Q");
        assertEq(result.rarity, rarity, "R");
        return result;
    }

    function assertRunning(uint256 quality, uint256 rarity) private view {
        IRoundsLens.ParticipantView memory her = lens.participantOf(taskId, alice);
        assertEq(her.runningQualityBps, quality, "running Q");
        assertEq(her.runningRarityBps, rarity, "running R");
    }
}
