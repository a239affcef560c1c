// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IRoundsErrors} from "../../../contracts/interfaces/IRoundsErrors.sol";
import {IRoundsEvents} from "../../../contracts/interfaces/IRoundsEvents.sol";
import {IRoundsTypes} from "../../../contracts/interfaces/IRoundsTypes.sol";
import {ITasks} from "../../../contracts/interfaces/ITasks.sol";
import {RoundsSlots} from "../../../contracts/lens/RoundsSlots.sol";
import {RoundStartWord} from "../../../contracts/types/RoundStartWord.sol";
import {RoundWord} from "../../../contracts/types/RoundWord.sol";
import {RoundsChain} from "../fixtures/RoundsChain.sol";
import {vm} from "../fixtures/Vm.sol";

/// An enrolment counts from a round on that opens in a later block, and stays until the first round that counted it is
/// final: places can't be bought for a block.
contract RoundsEnrolmentTest is RoundsChain {
    uint256 private constant CHALLENGE = 1_000;
    uint256 private constant HONEST = 30;

    address[] private sybils;

    function setUp() public override {
        super.setUp();
        enrol(HONEST);
        join(8);
        skip(1);
    }

    function terms() internal override returns (ITasks.TaskParams memory params) {
        params = super.terms();
        (params.minContributors, params.maxRounds) = (2, 20);
    }

    // ---- Attack 48: enrol, open and leave in one block

    function test_Attack48_EnrolmentsOfTheOpeningsBlockTakeNoSlot() public {
        for (uint256 i = 0; i < 60; ++i) enrolAs(newSybil());
        openInThisBlock();

        for (uint256 i = 0; i < HONEST; ++i) assertTrue(lens.maySubmit(taskId, contributors[i]), "honest");
        assertEq(start().enrolled(), HONEST);
        assertEq(start().reputationSum(), HONEST * 5_000);
        for (uint256 i = 0; i < 60; ++i) {
            assertFalse(lens.maySubmit(taskId, sybils[i]), "sybil");
            expectTooLate(1, sybils[i]);
            vm.prank(sybils[i]);
            rounds.submit(taskId, SALT);
        }
        submit(HONEST);
        assertEq(view_().submissions, HONEST);
    }

    function test_Attack48_ARelayerCantSubmitForThemEither() public {
        address sybil = newSybil();
        enrolAs(sybil);
        openInThisBlock();
        address[] memory who = new address[](1);
        who[0] = sybil;

        expectFromRounds();
        emit IRoundsEvents.SubmissionSkipped(taskId, 1, sybil, IRoundsTypes.SkipReason.EnrolledTooLate);
        assertEq(rounds.submitBatch(taskId, 1, who, oneHash(SALT), new bytes(65)), 0);
    }

    function test_Attack48_WhoEnrolsInTheOpeningsBlockTakesPartInTheNextRound() public {
        address late = newSybil();
        enrolAs(late);
        openInThisBlock();
        submit(2);
        close();
        seal(BEACON);
        finishSealed(entry(8_000, 10_000, 2));
        open();

        assertEq(start().enrolled(), HONEST + 1);
        submitAs(late);
        assertEq(lens.participantOf(taskId, late).lastRound, 2);
        assertEq(lens.participantOf(taskId, late).firstRound, 1);
    }

    function test_Attack48_TheLeastNumberOfContributorsIsNotFakedInABlock() public {
        taskId = createTask(terms());
        enrolAs(contributors[0]);
        for (uint256 i = 0; i < 7; ++i) joinAs(person("validator", 100 + i, STAKE), STAKE);
        skip(1);
        for (uint256 i = 0; i < 9; ++i) enrolAs(newSybil());

        expectError(abi.encodeWithSelector(IRoundsErrors.Rounds_TooFewContributors.selector, 1, 2));
        rounds.openRound(taskId);

        // A block later they count, and stay for the whole round.
        open();
        expectNotFinal(type(uint256).max);
        leaveAs(sybils[0]);
    }

    /// The draw of an oversubscribed round depends on a beacon that is known: a cheat could add accounts until it isn't
    /// drawn, and so miss its final audit.
    function test_Attack48_NobodyIsCrowdedOutOfTheFinalAudit() public {
        ITasks.TaskParams memory params = terms();
        (params.maxRounds, params.slots) = (2, 12);
        taskId = createTask(params);
        for (uint256 i = 0; i < 10; ++i) enrolAs(contributors[i]);
        for (uint256 i = 0; i < 8; ++i) {
            assay.transfer(validators[i], STAKE);
            vm.prank(validators[i]);
            registry.stake(STAKE);
            joinAs(validators[i], STAKE);
        }
        playRound(10, entry(8_000, 10_000, 2));
        for (uint256 i = 0; i < 100; ++i) enrolAs(newSybil());
        openInThisBlock();

        assertTrue(lens.maySubmit(taskId, contributors[0]));
    }

    /// Nobody stops a round by enrolling in the block in which it should open.
    function test_AnEnrolmentInItsBlockDoesNotStopAnOpening() public {
        enrolAs(newSybil());
        openInThisBlock();

        assertPhase(IRoundsTypes.Phase.Submit);
    }

    function test_WhoEnrolsAfterTheOpeningInItsBlockWaitsForTheNextRound() public {
        openInThisBlock();
        address late = newSybil();
        enrolAs(late);

        expectTooLate(1, late);
        vm.prank(late);
        rounds.submit(taskId, SALT);
        assertEq(lens.participantOf(taskId, late).firstRound, 2);
        assertEq(lens.participantOf(taskId, late).enrolledAt, vm.getBlockTimestamp());
        assertEq(start().enrolled(), HONEST);
    }

    /// Everybody who was counted keeps its chance, also if the round is oversubscribed without the newcomers.
    function test_NewcomersAreLeftOutOfTheOddsOfAFullRound() public {
        enrol(30);
        skip(1);
        for (uint256 i = 0; i < 60; ++i) enrolAs(newSybil());
        openInThisBlock();

        uint256 drawn = 0;
        for (uint256 i = 0; i < 60; ++i) {
            assertFalse(lens.maySubmit(taskId, sybils[i]));
            if (lens.maySubmit(taskId, contributors[i])) ++drawn;
        }
        // 40 slots for 60, not for 120: two thirds are drawn, not one third.
        assertGt(drawn, 30);
        assertEq(start().enrolled(), 60);
    }

    /// Who is drawn matters only where more are counted than there are slots.
    function test_ARoundWithASlotForEachIsNotSelective() public {
        enrol(10);
        open();
        assertFalse(RoundWord.wrap(wordAt(RoundsSlots.ROUNDS)).isSelective());
        voidThisRound();
        enrolAs(newSybil());
        open();
        assertTrue(RoundWord.wrap(wordAt(RoundsSlots.ROUNDS)).isSelective());
        assertEq(start().enrolled(), 41);
    }

    // ---- How long an enrolment stays

    function test_WhoSatTheFirstRoundOutLeavesOnceItIsFinal() public {
        open();
        expectNotFinal(type(uint256).max);
        leaveAs(contributors[0]);
        voidThisRound();
        uint256 finalAt = vm.getBlockTimestamp() + CHALLENGE;
        open();
        voidThisRound();
        open();

        vm.warp(finalAt - 1);
        expectNotFinal(finalAt);
        leaveAs(contributors[0]);
        vm.warp(finalAt);
        leaveAs(contributors[0]);
        assertFalse(lens.participantOf(taskId, contributors[0]).enrolled);
        (, , uint256 enrolled, uint256 reputations) = lens.totalsOf(taskId);
        assertEq(enrolled, HONEST - 1);
        assertEq(reputations, (HONEST - 1) * 5_000);
    }

    /// The round that opened in its block did not count it: the one after that binds.
    function test_ARoundThatDidNotCountTheEnrolmentDoesNotEndIt() public {
        address late = newSybil();
        enrolAs(late);
        uint256 enrolledAt = vm.getBlockTimestamp();
        openInThisBlock();
        expectBound(enrolledAt + ROUND_SECONDS);
        leaveAs(late);
        voidThisRound();
        skip(CHALLENGE);
        expectBound(enrolledAt + ROUND_SECONDS);
        leaveAs(late);
        open();
        expectNotFinal(type(uint256).max);
        leaveAs(late);
        voidThisRound();
        uint256 finalAt = vm.getBlockTimestamp() + CHALLENGE;

        vm.warp(finalAt - 1);
        expectNotFinal(finalAt);
        leaveAs(late);
        vm.warp(finalAt);
        leaveAs(late);
        assertFalse(lens.participantOf(taskId, late).enrolled);
    }

    function test_WhomNoRoundCountsLeavesAfterTheTimeOfAWholeRound() public {
        uint256 boundUntil = lens.participantOf(taskId, contributors[0]).enrolledAt + ROUND_SECONDS;
        vm.warp(boundUntil - 1);
        expectBound(boundUntil);
        leaveAs(contributors[0]);
        vm.warp(boundUntil);
        leaveAs(contributors[0]);

        assertEq(registry.reservationOf(contributors[0], taskId), 0);
        // The others count as soon as a round opens.
        openInThisBlock();
        expectNotFinal(type(uint256).max);
        leaveAs(contributors[1]);
    }

    function test_EverybodyLeavesATaskThatClosesBeforeItsFirstRound() public {
        vm.prank(owner);
        tasks.close(taskId);

        for (uint256 i = 0; i < HONEST; ++i) leaveAs(contributors[i]);
        (, , uint256 enrolled, ) = lens.totalsOf(taskId);
        assertEq(enrolled, 0);
    }

    function test_AClosedTaskHoldsNobodyWhomItsLastRoundDidNotCount() public {
        open();
        address late = newSybil();
        enrolAs(late);
        vm.prank(owner);
        tasks.close(taskId);
        expectBound(vm.getBlockTimestamp() + ROUND_SECONDS);
        leaveAs(late);
        voidThisRound();

        leaveAs(late);
        expectNotFinal(vm.getBlockTimestamp() + CHALLENGE);
        leaveAs(contributors[0]);
    }

    function test_ReturningStartsANewEnrolment() public {
        playRound(HONEST, entry(8_000, 10_000, 2));
        skip(CHALLENGE);
        leaveAs(contributors[0]);
        enrolAs(contributors[0]);
        uint256 enrolledAt = vm.getBlockTimestamp();
        uint256 reputation = lens.participantOf(taskId, contributors[0]).reputationBps;
        (, , , uint256 reputations) = lens.totalsOf(taskId);
        openInThisBlock();

        assertGt(reputation, 5_000);
        assertEq(start().reputationSum(), reputations - reputation);
        expectBound(enrolledAt + ROUND_SECONDS);
        leaveAs(contributors[0]);
    }

    /// Rounds leave the ring; who enrolled before them still leaves.
    function test_WhoSatManyRoundsOutLeaves() public {
        for (uint256 i = 0; i < 12; ++i) {
            open();
            voidThisRound();
        }
        leaveAs(contributors[0]);
        assertFalse(lens.participantOf(taskId, contributors[0]).enrolled);
    }

    /// Whenever somebody enrols, the first round that counts it is over and final before it may leave.
    function testFuzz_NobodyLeavesBeforeARoundThatCountedIt(uint256 seed) public {
        address account = newSybil();
        uint256 enrolAfter = seed % 4;
        uint256 countedBy = 0;
        bool isIn = false;
        for (uint256 r = 0; r < 6; ++r) {
            if (r == enrolAfter) enrolAs(account);
            if ((seed >> (8 + r)) & 1 == 1) skip(1);
            uint256 enrolledAt = lens.participantOf(taskId, account).enrolledAt;
            bool isCounted = enrolledAt != 0 && enrolledAt < vm.getBlockTimestamp();
            openInThisBlock();
            isIn = isIn || isCounted;
            assertEq(start().enrolled(), HONEST + (isIn ? 1 : 0));
            assertEq(lens.maySubmit(taskId, account), isIn);
            voidThisRound();
            if (isIn && countedBy == 0) countedBy = vm.getBlockTimestamp();
            if (r < enrolAfter) continue;
            bool mayLeave =
                countedBy != 0
                    ? vm.getBlockTimestamp() >= countedBy + CHALLENGE
                    : vm.getBlockTimestamp() >= enrolledAt + ROUND_SECONDS;
            uint256 id = vm.snapshotState();
            vm.prank(account);
            // solhint-disable-next-line avoid-low-level-calls
            (bool hasLeft, ) = address(tasks).call(abi.encodeCall(ITasks.leaveTask, (taskId, 0)));
            assertEq(hasLeft, mayLeave);
            vm.revertToState(id);
        }
    }

    // ---- Helpers

    function newSybil() private returns (address account) {
        account = person("sybil", sybils.length, 101 * ASSAY);
        sybils.push(account);
    }

    function openInThisBlock() private {
        delete submitters;
        rounds.openRound(taskId);
    }

    /// Nobody submits.
    function voidThisRound() private {
        vm.warp(view_().submitEnd);
        rounds.closeSubmissions(taskId);
    }

    function start() private view returns (RoundStartWord) {
        return RoundStartWord.wrap(wordAt(RoundsSlots.STARTS));
    }

    function wordAt(uint256 variable) private view returns (uint256) {
        bytes32[] memory slots = new bytes32[](1);
        slots[0] = RoundsSlots.ofTask(variable, taskId);
        (, bytes32[] memory values) = rounds.readSlots(slots);
        return uint256(values[0]);
    }

    function expectTooLate(uint32 number, address account) private {
        expectError(abi.encodeWithSelector(IRoundsErrors.Rounds_EnrolledTooLate.selector, taskId, number, account));
    }

    function expectNotFinal(uint256 finalAt) private {
        expectError(abi.encodeWithSelector(IRoundsErrors.Rounds_NotFinal.selector, taskId, finalAt));
    }

    function expectBound(uint256 boundUntil) private {
        expectError(abi.encodeWithSelector(IRoundsErrors.Rounds_EnrolmentBound.selector, taskId, boundUntil));
    }
}
