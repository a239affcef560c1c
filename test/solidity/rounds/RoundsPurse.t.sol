// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IRoundsAnyone} from "../../../contracts/interfaces/IRoundsAnyone.sol";
import {IRoundsErrors} from "../../../contracts/interfaces/IRoundsErrors.sol";
import {IRoundsEvents} from "../../../contracts/interfaces/IRoundsEvents.sol";
import {IRoundsKeepers} from "../../../contracts/interfaces/IRoundsKeepers.sol";
import {ITasks} from "../../../contracts/interfaces/ITasks.sol";
import {HostileToken} from "../fixtures/HostileToken.sol";
import {RoundsChain} from "../fixtures/RoundsChain.sol";
import {HookedToken, TaxedToken} from "../fixtures/Tokens.sol";
import {vm} from "../fixtures/Vm.sol";

/// The pay of a closed round leaves the escrow in one transfer. Claims are paid from nothing else.
contract RoundsPurseTest is RoundsChain {
    uint256 private constant GOOD = 8_000;
    uint256 private constant GAS_BEFORE_COLLECTING = 210_000;

    address private alice;
    uint256 private people;

    function setUp() public override {
        super.setUp();
        enrol(3);
        join(7);
        alice = contributors[0];
    }

    function terms() internal override returns (ITasks.TaskParams memory params) {
        params = super.terms();
        params.maxRounds = 20;
    }

    // ---- Collecting

    function test_TheEndOfARoundCollectsWhatItCredited() public {
        toFinalizing();
        uint256 id = vm.snapshotState();
        finalize();
        (uint256 credited, , , ) = lens.totalsOf(taskId);
        vm.revertToState(id);

        expectFromRounds();
        emit IRoundsEvents.Collected(taskId, credited);
        finalize();

        assertGt(credited, 0);
        assertPurse(credited);
        assertEq(money.balanceOf(address(rounds)), credited);
        assertEq(tasks.fundsOf(taskId).reserved, 0);
        assertEq(rounds.collect(taskId), 0);
        assertPurse(credited);
    }

    function test_WhatIsHeldStaysInTheEscrow() public {
        playRound(3, entry(GOOD, 10_000, 2));
        playRound(3, entry(NOT_AUDITED, 0, 0));

        (uint256 credited, uint256 held, , ) = lens.totalsOf(taskId);
        assertGt(held, 0);
        assertPurse(credited);
        assertEq(tasks.fundsOf(taskId).reserved, held);
    }

    function test_WhatLeavingReleasesIsCollected() public {
        playRound(3, entry(GOOD, 10_000, 2));
        playRound(3, entry(NOT_AUDITED, 0, 0));
        skip(2 * EPOCH);
        vm.prank(owner);
        tasks.close(taskId);
        uint256 released = lens.earningsOf(taskId, alice).held;
        uint256 before = lens.purseOf(taskId);

        expectFromRounds();
        emit IRoundsEvents.Collected(taskId, released);
        leaveAs(alice);

        assertPurse(before + released);
    }

    /// Held pay that is released while a round is open is collected when that round ends, even if it is void.
    function test_AVoidRoundCollectsWhatWasReleasedMeanwhile() public {
        playRound(3, entry(GOOD, 10_000, 2));
        playRound(3, entry(NOT_AUDITED, 0, 0));
        skip(15 days);
        open();
        uint256 released = lens.earningsOf(taskId, alice).held;
        uint256 before = lens.purseOf(taskId);
        leaveAs(alice);
        assertPurse(before);

        vm.warp(view_().submitEnd);
        rounds.closeSubmissions(taskId);

        assertPurse(before + released);
    }

    /// Credited pay can be collected before its round ends, to the wei and once. What is held and the rest of the
    /// reserve stay in the escrow.
    function test_AnOpenRoundsCreditsCanBeCollected() public {
        playRound(3, entry(GOOD, 10_000, 2));
        playRound(3, entry(NOT_AUDITED, 0, 0));
        toFinalizing();
        (uint256 credited, uint256 held, , ) = lens.totalsOf(taskId);
        uint256 before = lens.purseOf(taskId);
        uint256 reserved = tasks.fundsOf(taskId).reserved;
        assertGt(credited, before);

        expectFromRounds();
        emit IRoundsEvents.Collected(taskId, credited - before);
        assertEq(rounds.collect(taskId), credited - before);
        assertEq(rounds.collect(taskId), 0);

        assertPurse(credited);
        assertEq(tasks.fundsOf(taskId).reserved, reserved - (credited - before));
        finalize();
        (credited, held, , ) = lens.totalsOf(taskId);
        assertPurse(credited);
        assertEq(tasks.fundsOf(taskId).reserved, held);
    }

    /// A token that needs more gas than the end of a round gives it. Rounds follow one another without a pause, so that
    /// no collection ever finds the task idle.
    function test_RoundsWithoutAPauseCannotStarveACollection() public {
        (HostileToken token, uint64 hostile) = hostileTask();
        token.setMood(HostileToken.Mood.Refuses);
        for (uint256 i = 0; i < 3; ++i) playRound(3, entry(GOOD, 10_000, 2));
        open();
        assertPurse(0);
        token.setMood(HostileToken.Mood.Friendly);

        (uint256 credited, , , ) = lens.totalsOf(hostile);
        assertEq(rounds.collect(hostile), credited);
        assertPurse(credited);
        skip(2 * EPOCH);
        uint256 matured = lens.earningsOf(hostile, alice).matured;
        assertGt(matured, 0);
        assertEq(rounds.claim(hostile, alice), matured);
    }

    function test_RevertWhen_TheTaskIsUnknown() public {
        expectError(abi.encodeWithSelector(IRoundsErrors.Rounds_UnknownTask.selector, 99));
        rounds.collect(99);
    }

    /// Nobody can make a collection fail by sending too little gas.
    function test_RevertWhen_TheGasForCollectingIsNotLeft() public {
        toFinalizing();
        vm.warp(vm.getBlockTimestamp() + 1 days);
        uint256 refusals = 0;
        for (uint256 gasLimit = 100_000; true; gasLimit += 20_000) {
            bytes memory call = abi.encodeCall(IRoundsKeepers.finalizeRound, (taskId));
            // solhint-disable-next-line avoid-low-level-calls
            (bool isDone, bytes memory answer) = address(rounds).call{gas: gasLimit}(call);
            if (isDone) break;
            if (answer.length == 0) continue;
            ++refusals;
            uint256 available = availableIn(answer);
            assertLt(available, GAS_BEFORE_COLLECTING);
            assertEq(
                answer,
                abi.encodeWithSelector(IRoundsErrors.Rounds_GasTooLow.selector, available, GAS_BEFORE_COLLECTING)
            );
        }

        assertGt(refusals, 3);
        (uint256 credited, , , ) = lens.totalsOf(taskId);
        assertPurse(credited);
    }

    // ---- Tokens that misbehave

    function test_Attack17_ARefusingTokenKeepsNoRoundFromEnding() public {
        (HostileToken token, uint64 hostile) = hostileTask();
        toFinalizing();
        for (uint256 mood = 1; mood < 4; ++mood) {
            uint256 id = vm.snapshotState();
            token.setMood(HostileToken.Mood(mood));
            uint256 before = gasleft();
            finalize();
            assertLt(before - gasleft(), 1_500_000);
            skip(2 * EPOCH);
            (uint256 credited, , , ) = lens.totalsOf(hostile);
            uint256 matured = lens.earningsOf(hostile, alice).matured;
            assertPurse(0);
            assertEq(tasks.fundsOf(hostile).reserved, credited);
            expectNotCollected(matured, 0);
            rounds.claim(hostile, alice);

            token.setMood(HostileToken.Mood.Friendly);
            expectFromRounds();
            emit IRoundsEvents.Collected(hostile, credited);
            assertEq(rounds.collect(hostile), credited);
            assertEq(rounds.claim(hostile, alice), matured);
            assertEq(token.balanceOf(alice), matured);
            vm.revertToState(id);
        }
    }

    function test_TheNextRoundCollectsWhatTheTokenRefusedBefore() public {
        (HostileToken token, uint64 hostile) = hostileTask();
        toFinalizing();
        token.setMood(HostileToken.Mood.Refuses);
        finalize();
        token.setMood(HostileToken.Mood.Friendly);
        playRound(3, entry(GOOD, 10_000, 2));

        (uint256 credited, , , ) = lens.totalsOf(hostile);
        assertPurse(credited);
    }

    /// A token that calls back during its collection can't collect twice.
    function test_Attack22_ATokenThatCallsBackCollectsOnce() public {
        HookedToken token = new HookedToken();
        token.mint(owner, 1e24);
        vm.prank(owner);
        token.approve(address(tasks), type(uint256).max);
        uint64 calling = otherTask(address(token));
        toFinalizing();
        bytes[2] memory calls = [
            abi.encodeCall(IRoundsKeepers.collect, (calling)),
            abi.encodeCall(IRoundsAnyone.claim, (calling, alice))
        ];
        for (uint256 i = 0; i < 4; ++i) {
            uint256 id = vm.snapshotState();
            token.callOnNextTransfer(address(rounds), calls[i / 2], i % 2 == 0);
            finalize();

            (uint256 credited, , , ) = lens.totalsOf(calling);
            assertPurse(credited);
            assertEq(token.balanceOf(address(rounds)), credited);
            assertEq(tasks.fundsOf(calling).reserved, 0);
            assertEq(token.wasCalled(), i < 2, "a collection finds nothing, a claim nothing matured");
            vm.revertToState(id);
        }
    }

    /// What a fee on transfer takes from a collection is missing only in this task's purse.
    function test_ATaxOnTheCollectionIsThisTasksLoss() public {
        TaxedToken token = new TaxedToken();
        token.mint(owner, 1e24);
        vm.prank(owner);
        token.approve(address(tasks), type(uint256).max);
        otherTask(address(token));
        toFinalizing();
        token.setTax(1_000, false);
        finalize();

        (uint256 credited, , , ) = lens.totalsOf(taskId);
        assertPurse(credited - credited / 10);
        assertEq(token.balanceOf(address(rounds)), credited - credited / 10);
        skip(2 * EPOCH);
        token.setTax(0, false);
        uint256 pay = lens.earningsOf(taskId, alice).matured;
        assertEq(rounds.claim(taskId, alice), pay);
        assertPurse(credited - credited / 10 - pay);
    }

    // ---- One task's purse

    /// Two tasks in one token: a task can't pay from what the rounds of the other one collected.
    function test_Attack29_NoTaskIsPaidFromAnothersPurse() public {
        playRound(3, entry(GOOD, 10_000, 2));
        uint64 rich = taskId;
        uint256 richPurse = lens.purseOf(rich);
        uint64 poor = otherTask(address(money));
        toFinalizing();
        skip(3 * EPOCH);
        uint256 matured = lens.earningsOf(poor, alice).matured;
        assertGt(matured, 0);
        assertGe(money.balanceOf(address(rounds)), matured);

        expectNotCollected(matured, 0);
        rounds.claim(poor, alice);
        rounds.collect(poor);
        assertEq(rounds.claim(poor, alice), matured);
        assertEq(lens.purseOf(rich), richPurse);
    }

    /// Over several rounds the purse always has what was credited and not claimed, and the balance covers it.
    function testFuzz_ThePurseHasWhatIsNotClaimed(uint256 seed) public {
        uint256 claimed = 0;
        for (uint256 i = 0; i < 4; ++i) {
            playRound(3, entry(1 + (seed % 10_000), 10_000, 2));
            seed = uint256(keccak256(abi.encode(seed)));
            if (seed & 1 == 1) skip(2 * EPOCH);
            address account = contributors[seed % 3];
            if (lens.earningsOf(taskId, account).matured != 0) claimed += rounds.claim(taskId, account);
            (uint256 credited, , , ) = lens.totalsOf(taskId);
            assertPurse(credited - claimed);
            assertEq(money.balanceOf(address(rounds)), credited - claimed);
        }
    }

    // ---- Helpers

    function toFinalizing() private {
        openAndSeal(3);
        planAll(entry(GOOD, 10_000, 2));
        scoreAttempt(0);
        settleAll();
        voteAll(keccak256("model"));
    }

    /// A task with the same contributors and its own validators; the helpers use it from now on.
    function otherTask(address token) private returns (uint64 id) {
        ITasks.TaskParams memory params = terms();
        params.rewardToken = token;
        id = taskId = createTask(params);
        for (uint256 i = 0; i < 3; ++i) enrolAs(contributors[i]);
        validators = new address[](0);
        people += 10;
        for (uint256 i = 0; i < 7; ++i) {
            validators.push(person("validator", people + i, STAKE));
            joinAs(validators[i], STAKE);
        }
    }

    function hostileTask() private returns (HostileToken token, uint64 id) {
        token = new HostileToken();
        token.mint(owner, 1e24);
        vm.prank(owner);
        token.approve(address(tasks), type(uint256).max);
        id = otherTask(address(token));
    }

    function assertPurse(uint256 amount) private view {
        assertEq(lens.purseOf(taskId), amount, "purse");
    }

    function expectNotCollected(uint256 amount, uint256 available) private {
        expectError(abi.encodeWithSelector(IRoundsErrors.Rounds_NotCollected.selector, taskId, amount, available));
    }

    function availableIn(bytes memory gasTooLow) private pure returns (uint256 available) {
        assembly ("memory-safe") {
            available := mload(add(gasTooLow, 0x24))
        }
    }
}
