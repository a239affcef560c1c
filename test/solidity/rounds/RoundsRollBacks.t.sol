// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IRoundsEvents} from "../../../contracts/interfaces/IRoundsEvents.sol";
import {IRoundsTypes} from "../../../contracts/interfaces/IRoundsTypes.sol";
import {ITasks} from "../../../contracts/interfaces/ITasks.sol";
import {RoundsChain} from "../fixtures/RoundsChain.sol";
import {vm} from "../fixtures/Vm.sol";

/// @title What verdicts do to models
/// @notice Round r makes the model `model(r)` from that of the round before; the first trains from `model(0)`.
contract RoundsRollBacksTest is RoundsChain {
    address private court;

    function setUp() public override {
        super.setUp();
        enrol(1);
        join(7);
    }

    function courtOf() internal override returns (address) {
        return court = contractAt("court");
    }

    function terms() internal override returns (ITasks.TaskParams memory params) {
        params = super.terms();
        params.maxRounds = 40;
    }

    function test_TheNextRoundTrainsFromTheModelOfTheUndoneOne() public {
        play(3);

        expectFromRounds();
        emit IRoundsEvents.ModelRolledBack(taskId, 2, model(1));
        rollBack(2);

        assertEq(view_().baseModelHash, model(1));
        assertEq(view_().rollBackHash, 0);
        play(1);
        assertEq(view_().baseModelHash, model(4), "and goes on from there");
    }

    function test_AnOpenRoundKeepsItsModelAndLosesItsResult() public {
        play(3);
        openAndSeal(1);
        rollBack(2);
        assertEq(view_().baseModelHash, model(3));
        assertEq(view_().rollBackHash, model(1));
        planAll(entry(8_000, 0, 2));
        scoreAttempt(0);
        settleAll();
        voteAll(model(4));
        uint256 id = vm.snapshotState();
        finalize();
        (uint256 credited, , , ) = lens.totalsOf(taskId);
        vm.revertToState(id);
        uint256 before = lens.earningsOf(taskId, contributors[0]).pending;

        expectFromRounds();
        emit IRoundsEvents.RoundFinalized(taskId, 4, model(1), false, credited);
        finalize();

        assertEq(lens.earningsOf(taskId, contributors[0]).pending, before, "what the round paid stays");
        assertGt(before, 0);
        assertEq(view_().baseModelHash, model(1));
        assertEq(view_().rollBackHash, 0);
        play(1);
        assertEq(view_().baseModelHash, model(5));
    }

    function test_AVoidRoundAppliesIt() public {
        play(2);
        open();
        rollBack(1);
        vm.warp(view_().submitEnd);
        rounds.closeSubmissions(taskId);
        assertPhase(IRoundsTypes.Phase.Idle);
        assertEq(view_().baseModelHash, model(0));
    }

    // ---- Several

    function test_TheEarliestRoundCounts() public {
        play(4);
        for (uint256 i = 0; i < 3; ++i) {
            uint256 id = vm.snapshotState();
            if (i != 0) open();
            rollBack(i == 2 ? 2 : 4);
            if (i == 2) expectIgnored(4);
            rollBack(i == 2 ? 4 : 2);
            if (i != 0) {
                vm.warp(view_().submitEnd);
                rounds.closeSubmissions(taskId);
            }
            assertEq(view_().baseModelHash, model(1), vm.toString(i));
            vm.revertToState(id);
        }
    }

    /// Rounds 3 to 5 are undone, then 7 and 8. A late verdict on round 4 must bring back nothing; one on round 2 undoes
    /// all of them.
    function test_Attack62_AVerdictOnAnUndoneRoundBringsBackNothing() public {
        play(5);
        rollBack(3);
        play(3);
        rollBack(7);
        assertEq(view_().baseModelHash, model(6));
        for (uint32 round = 3; round <= 8; ++round) {
            if (round == 6) continue;
            expectIgnored(round);
            rollBack(round);
            assertEq(view_().baseModelHash, model(6));
        }

        uint256 id = vm.snapshotState();
        rollBack(6);
        assertEq(view_().baseModelHash, model(2), "round 6 trained from what round 2 made");
        vm.revertToState(id);
        rollBack(2);
        assertEq(view_().baseModelHash, model(1));
        for (uint32 round = 2; round <= 8; ++round) {
            expectIgnored(round);
            rollBack(round);
        }
        play(1);
        rollBack(9);
        assertEq(view_().baseModelHash, model(1));
        rollBack(1);
        assertEq(view_().baseModelHash, model(0));
    }

    function test_WhatIsNoRoundIsIgnored() public {
        play(1);
        vm.startPrank(court);
        expectIgnored(0);
        rounds.rollBackModel(taskId, 0, model(0));
        expectIgnored(2);
        rounds.rollBackModel(taskId, 2, model(1));
        expectIgnored(1);
        rounds.rollBackModel(taskId, 1, 0);
        expectFromRounds();
        emit IRoundsEvents.RollBackIgnored(taskId + 1, 1);
        rounds.rollBackModel(taskId + 1, 1, model(0));
        assertEq(view_().baseModelHash, model(1));
    }

    // ---- Helpers

    function play(uint256 count) private {
        for (uint256 i = 0; i < count; ++i) {
            openAndSeal(1);
            _baseOf[round()] = view_().baseModelHash;
            planAll(entry(8_000, 0, 2));
            scoreAttempt(0);
            settleAll();
            voteAll(model(round()));
            finalize();
        }
    }

    /// What rounds trained from.
    mapping(uint32 round => bytes32 modelHash) private _baseOf;

    function model(uint32 round) private pure returns (bytes32) {
        return round == 0 ? keccak256("init.safetensors") : keccak256(abi.encode("model", round));
    }

    function rollBack(uint32 round) private {
        vm.prank(court);
        rounds.rollBackModel(taskId, round, _baseOf[round]);
    }

    function expectIgnored(uint32 round) private {
        expectFromRounds();
        emit IRoundsEvents.RollBackIgnored(taskId, round);
    }
}
