// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IRoundsErrors} from "../../../contracts/interfaces/IRoundsErrors.sol";
import {IRoundsEvents} from "../../../contracts/interfaces/IRoundsEvents.sol";
import {IRoundsLens} from "../../../contracts/interfaces/IRoundsLens.sol";
import {ITasks} from "../../../contracts/interfaces/ITasks.sol";
import {RoundsChain} from "../fixtures/RoundsChain.sol";
import {vm} from "../fixtures/Vm.sol";

/// The held-out pool is named by its root, and can change a round ahead.
contract RoundsPoolTest is RoundsChain {
    bytes32 private constant NEXT = keccak256("next pool");
    uint256 private constant CHALLENGE = 1_000;

    function setUp() public override {
        super.setUp();
        enrol(3);
        join(8);
    }

    function terms() internal override returns (ITasks.TaskParams memory params) {
        params = super.terms();
        params.maxRounds = 6;
    }

    function test_ANewPoolCountsFromTheOpeningAfterTheNextOneOn() public {
        assertPool(POOL, 1, 0, 0);
        vm.expectEmit(address(tasks));
        emit ITasks.PoolAnnounced(taskId, NEXT, 2);
        announce(NEXT);
        assertPool(POOL, 1, NEXT, 2);
        open();
        assertPool(POOL, 1, NEXT, 2);
        voidRound();
        for (uint256 i = 0; i < 8; ++i) readyAs(validators[i], NEXT);
        skip(1);

        expectFromRounds();
        emit IRoundsEvents.PoolChanged(taskId, 2, NEXT);
        rounds.openRound(taskId);
        assertPool(NEXT, 2, 0, 0);
        assertEq(rosterSize(), 8);
        expectUnknownPool(POOL);
        readyAs(validators[0], POOL);
    }

    function test_AnAnnouncementInARoundSparesTheNextOne() public {
        open();
        announce(NEXT);
        assertPool(POOL, 1, NEXT, 3);
    }

    function test_ValidatorsCountOnceTheyAreReadyForTheNewPool() public {
        announce(NEXT);
        open();
        for (uint256 i = 0; i < 7; ++i) readyAs(validators[i], NEXT);
        // They still count with the current pool.
        assertEq(rosterSize(), 8);
        IRoundsLens.BidView memory bid = lens.validatorOf(taskId, validators[0]).bid;
        assertTrue(bid.isReady && bid.isReadyForAnnounced);
        voidRound();
        open();
        assertEq(rosterSize(), 7);
        assertFalse(lens.validatorOf(taskId, validators[7]).seated);
        assertEq(lens.validatorOf(taskId, validators[7]).bid.weight, 384);
        bid = lens.validatorOf(taskId, validators[0]).bid;
        assertTrue(bid.isReady && !bid.isReadyForAnnounced);
        voidRound();

        readyAs(validators[7], NEXT);
        open();
        assertEq(rosterSize(), 8);
        assertEq(lens.validatorOf(taskId, validators[7]).frozenWeight, 384);
    }

    function test_RevertWhen_TooFewAreReadyForTheNewPool() public {
        announce(NEXT);
        open();
        voidRound();
        for (uint256 i = 0; i < 6; ++i) readyAs(validators[i], NEXT);
        skip(1);
        expectError(abi.encodeWithSelector(IRoundsErrors.Rounds_TooFewValidators.selector, 6, 7));
        rounds.openRound(taskId);

        readyAs(validators[6], NEXT);
        rounds.openRound(taskId);
        assertEq(rosterSize(), 7);
    }

    /// Who is ready for the new pool only holds its place without weight until then.
    function test_ANewcomerCanBeReadyForTheNewPoolAlone() public {
        announce(NEXT);
        address late = person("validator", 100, STAKE);
        bidAs(late, STAKE);
        readyAs(late, NEXT);
        open();
        assertFalse(lens.validatorOf(taskId, late).seated);
        voidRound();
        for (uint256 i = 0; i < 8; ++i) readyAs(validators[i], NEXT);
        open();

        assertTrue(lens.validatorOf(taskId, late).seated);
    }

    /// A place without weight isn't protected: candidates take any number of such places.
    function test_CandidatesReplaceAnyNumberOfPlacesThatAreNotReady() public {
        join(56);
        announce(NEXT);
        open();
        address[] memory candidates = new address[](10);
        for (uint256 i = 0; i < 10; ++i) {
            candidates[i] = person("candidate", i, 310 * ASSAY);
            bidAs(candidates[i], 310 * ASSAY);
            readyAs(candidates[i], NEXT);
        }
        for (uint256 i = 0; i < 55; ++i) readyAs(validators[i], NEXT);
        voidRound();
        open();
        assertEq(rosterSize(), 55);
        voidRound();
        open();

        // Nine places without weight, and one with.
        assertEq(rosterSize(), 64);
        for (uint256 i = 0; i < 10; ++i) assertTrue(lens.validatorOf(taskId, candidates[i]).seated);
    }

    // ---- Announcing

    function test_RevertWhen_AnnouncingAPool() public {
        expectError(abi.encodeWithSelector(ITasks.Tasks_OnlyOwner.selector, taskId, address(this), owner));
        tasks.announcePool(taskId, NEXT);
        expectError(abi.encodeWithSelector(ITasks.Tasks_ZeroHash.selector, "poolRoot"));
        announce(0);
        expectError(abi.encodeWithSelector(IRoundsErrors.Rounds_SamePool.selector, taskId, POOL));
        announce(POOL);
        announce(NEXT);
        expectError(abi.encodeWithSelector(IRoundsErrors.Rounds_PoolPending.selector, taskId, 2));
        announce(keccak256("one more"));
        expectError(abi.encodeWithSelector(IRoundsErrors.Rounds_OnlyTasks.selector, owner, address(tasks)));
        vm.prank(owner);
        rounds.announcePool(taskId, NEXT);
    }

    function test_RevertWhen_NoRoundIsLeftForANewPool() public {
        for (uint256 i = 0; i < 5; ++i) {
            open();
            voidRound();
        }
        expectError(abi.encodeWithSelector(IRoundsErrors.Rounds_AllRoundsDone.selector, taskId, 6));
        announce(NEXT);

        vm.prank(owner);
        tasks.close(taskId);
        expectError(abi.encodeWithSelector(ITasks.Tasks_Closed.selector, taskId));
        announce(NEXT);
    }

    function test_PoolsChangeOneAfterTheOther() public {
        bytes32 third = keccak256("third pool");
        changePool(NEXT);
        changePool(third);
        changePool(POOL);

        assertPool(POOL, 6, 0, 0);
        expectUnknownPool(third);
        readyAs(validators[0], third);
    }

    /// Otherwise a pool that nobody can judge by would stop the task for good.
    function test_APoolThatCanNotJudgeIsReplacedWhenItsRoundComesNext() public {
        bytes32 third = keccak256("third pool");
        announce(NEXT);
        for (uint256 i = 0; i < 6; ++i) readyAs(validators[i], NEXT);
        open();
        voidRound();
        skip(1);
        expectError(abi.encodeWithSelector(IRoundsErrors.Rounds_TooFewValidators.selector, 6, 7));
        rounds.openRound(taskId);

        announce(third);
        assertPool(POOL, 1, third, 3);
        expectUnknownPool(NEXT);
        readyAs(validators[6], NEXT);
        IRoundsLens.BidView memory bid = lens.validatorOf(taskId, validators[0]).bid;
        assertTrue(bid.isReady && !bid.isReadyForAnnounced);
        open();
        assertEq(rosterSize(), 8);
        for (uint256 i = 0; i < 7; ++i) readyAs(validators[i], third);
        voidRound();
        open();
        assertPool(third, 3, 0, 0);
        assertEq(rosterSize(), 7);
    }

    // ---- Contributors who leave because of a new pool

    function test_WhoLeavesBetweenTheAnnouncementAndTheNewPoolLosesNothingHeld() public {
        uint256 held = holdPay();
        announce(NEXT);
        skip(CHALLENGE);

        assertReleased(contributors[0], held);
    }

    /// Also when it couldn't leave in between, because its last round wasn't final: it counts that it never submitted
    /// to a round with the new pool.
    function test_WhoNeverSubmitsWithTheNewPoolLosesNothingHeldEither() public {
        uint256 held = holdPay();
        announce(NEXT);
        for (uint256 i = 0; i < 2; ++i) {
            for (uint256 v = 0; v < 8; ++v) readyAs(validators[v], NEXT);
            open();
            submitAs(contributors[1]);
            finishVoid();
        }
        assertPool(NEXT, 4, 0, 0);

        assertReleased(contributors[0], held);
        assertCancelled(contributors[1]);
    }

    function test_WithoutANewPoolWhoLeavesLosesWhatIsHeld() public {
        holdPay();
        skip(CHALLENGE);

        assertCancelled(contributors[0]);
    }

    // ---- Helpers

    /// Two rounds, the second of which nobody audits.
    function holdPay() private returns (uint256 held) {
        playRound(3, entry(8_000, 10_000, 2));
        playRound(3, entry(NOT_AUDITED, 0, 0));
        held = lens.earningsOf(taskId, contributors[0]).held;
        assertGt(held, 0);
    }

    function assertReleased(address account, uint256 held) private {
        (uint256 before, , , ) = lens.totalsOf(taskId);
        leaveAs(account);
        (uint256 credited, , , ) = lens.totalsOf(taskId);
        assertEq(credited - before, held);
    }

    function assertCancelled(address account) private {
        (uint256 before, , , ) = lens.totalsOf(taskId);
        leaveAs(account);
        (uint256 credited, , , ) = lens.totalsOf(taskId);
        assertEq(credited, before);
    }

    function changePool(bytes32 poolRoot) private {
        announce(poolRoot);
        for (uint256 i = 0; i < 2; ++i) {
            for (uint256 v = 0; v < 8; ++v) readyAs(validators[v], poolRoot);
            open();
            voidRound();
        }
    }

    function announce(bytes32 poolRoot) private {
        vm.prank(owner);
        tasks.announcePool(taskId, poolRoot);
    }

    function voidRound() private {
        vm.warp(view_().submitEnd);
        rounds.closeSubmissions(taskId);
    }

    /// The beacon of a round with submissions expires; then the round is final.
    function finishVoid() private {
        close();
        beacon.expire();
        rounds.seal(taskId);
        skip(CHALLENGE);
    }

    function rosterSize() private view returns (uint256 count) {
        (, uint16[] memory weights) = lens.rosterOf(taskId);
        for (uint256 i = 0; i < 64; ++i) if (weights[i] != 0) ++count;
    }

    function assertPool(bytes32 poolRoot, uint32 firstRound, bytes32 announced, uint32 announcedFor) private view {
        IRoundsLens.PoolView memory pool = lens.poolOf(taskId);
        assertEq(pool.poolRoot, poolRoot);
        assertEq(pool.firstRound, firstRound);
        assertEq(pool.announcedRoot, announced);
        assertEq(pool.announcedFor, announcedFor);
    }

    function expectUnknownPool(bytes32 poolRoot) private {
        expectError(abi.encodeWithSelector(IRoundsErrors.Rounds_UnknownPool.selector, taskId, poolRoot));
    }
}
