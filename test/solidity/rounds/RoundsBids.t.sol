// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IRoundsErrors} from "../../../contracts/interfaces/IRoundsErrors.sol";
import {IRoundsEvents} from "../../../contracts/interfaces/IRoundsEvents.sol";
import {IRoundsLens} from "../../../contracts/interfaces/IRoundsLens.sol";
import {IRoundsTypes} from "../../../contracts/interfaces/IRoundsTypes.sol";
import {ITasks} from "../../../contracts/interfaces/ITasks.sol";
import {RoundsChain} from "../fixtures/RoundsChain.sol";
import {vm} from "../fixtures/Vm.sol";

/// Bids for the places of a full roster: seen for a round, answered in place, few at a time.
contract RoundsBidsTest is RoundsChain {
    uint256 private constant CHALLENGE = 1_000;
    /// The least stake with more weight than STAKE.
    uint256 private constant MORE = (200 * ASSAY * 385 + 255) / 256;
    uint256 private constant CAP = 800 * ASSAY;

    address[] private hostile;

    function setUp() public override {
        super.setUp();
        enrol(3);
        join(64);
        open();
    }

    function terms() internal override returns (ITasks.TaskParams memory params) {
        params = super.terms();
        params.maxRounds = 40;
    }

    function courtOf() internal override returns (address) {
        return contractAt("court");
    }

    // ---- Attack 49: one weight more takes a place whole, just before the opening

    function test_Attack49_ABidOnTheEveOfAnOpeningChangesNothing() public {
        voidRound();
        bidHostile(40, MORE);
        open();

        assertEq(weightOfHostile(), 0);
        (, uint256 all) = weights();
        assertEq(all, 64 * 384);
    }

    /// 38 % of the stake got 62.5 % of the weight at once. Now it gets four places an opening, seen a round before.
    function test_Attack49_AnOpeningReplacesAtMostFourPlaces() public {
        bidHostile(40, MORE);
        assertEq(candidateCount(), 16);
        nextRound();
        assertEq(weightOfHostile(), 0);
        for (uint256 r = 1; r <= 4; ++r) {
            nextRound();
            assertEq(weightOfHostile(), 4 * r * 385);
        }
        nextRound();
        assertEq(weightOfHostile(), 16 * 385);
        assertEq(candidateCount(), 0);
    }

    function test_Attack49_TheOutbidTopUpInPlaceAndStay() public {
        bidHostile(16, MORE);
        nextRound();
        // Each adds what the bids against it have more.
        for (uint256 i = 0; i < 64; ++i) raiseAs(validators[i], MORE - STAKE);
        nextRound();
        nextRound();

        assertEq(weightOfHostile(), 0);
        assertEq(lens.validatorOf(taskId, validators[63]).frozenWeight, 385);
        assertEq(candidateCount(), 16);
    }

    /// A higher bid could otherwise answer the defence in the last block.
    function test_Attack49_ACandidatesHigherBidIsANewOne() public {
        bidHostile(1, MORE);
        nextRound();
        for (uint256 i = 0; i < 64; ++i) raiseAs(validators[i], MORE - STAKE);
        raiseAs(hostile[0], 100 * ASSAY);
        assertEq(lens.validatorOf(taskId, hostile[0]).bid.firstRound, 4);
        nextRound();
        assertEq(weightOfHostile(), 0);
        nextRound();

        assertGt(weightOfHostile(), 385);
    }

    function test_Attack49_WhoWasOutbidBidsAgainWithoutLeaving() public {
        address small = shrinkOne();
        bidHostile(1, CAP);
        nextRound();
        voidRound();
        expectFromRounds();
        emit IRoundsEvents.ValidatorOutbid(taskId, 3, small, hostile[0]);
        rounds.openRound(taskId);

        IRoundsLens.BidView memory bid = lens.validatorOf(taskId, small).bid;
        assertTrue(bid.standing == IRoundsTypes.Standing.Joined);
        assertEq(bid.firstRound, 5);
        assertFalse(bid.isReady);
        assertFalse(lens.validatorOf(taskId, small).seated);
        raiseAs(small, 200 * ASSAY);
        readyAs(small, POOL);
        assertTrue(lens.validatorOf(taskId, small).bid.standing == IRoundsTypes.Standing.Candidate);
        nextRound();
        assertFalse(lens.validatorOf(taskId, small).seated);
        nextRound();
        assertTrue(lens.validatorOf(taskId, small).seated);
    }

    function test_WhoWasOutbidLeavesOnceItsLastRoundIsFinal() public {
        address small = shrinkOne();
        bidHostile(1, CAP);
        nextRound();
        nextRound();
        uint256 finalAt = view_().closedAt + CHALLENGE;
        uint256 reserved = registry.reservationOf(small, taskId);

        expectError(abi.encodeWithSelector(IRoundsErrors.Rounds_StillDrawn.selector, taskId, small));
        tasks.releaseValidator(taskId, small);
        quitAs(small);
        assertEq(registry.reservationOf(small, taskId), reserved);
        expectError(abi.encodeWithSelector(IRoundsErrors.Rounds_NotFinal.selector, taskId, finalAt));
        tasks.releaseValidator(taskId, small);
        vm.warp(finalAt);
        tasks.releaseValidator(taskId, small);
        assertEq(registry.reservationOf(small, taskId), 0);
    }

    // ---- Bids that take nothing

    function test_RevertWhen_ABidHasNoMoreWeightThanThePlaces() public {
        address late = person("validator", 100, STAKE + 1);
        expectFull(MORE);
        bidAs(late, STAKE + 1);
        assertEq(registry.positionOf(late).reserved, 0);

        for (uint256 i = 0; i < 64; ++i) raiseAs(validators[i], CAP - STAKE);
        late = person("validator", 101, 5_000 * ASSAY);
        expectFull(type(uint256).max);
        bidAs(late, 5_000 * ASSAY);
    }

    function test_RevertWhen_ThePlacesRoseBeforeABidIsReady() public {
        address late = person("validator", 100, MORE);
        bidAs(late, MORE);
        for (uint256 i = 0; i < 64; ++i) raiseAs(validators[i], MORE - STAKE);

        expectFull((200 * ASSAY * 386 + 255) / 256);
        readyAs(late, POOL);
        quitAs(late);
        assertEq(registry.freeStakeOf(late), MORE);
    }

    /// A place that doesn't count yet can be won, but not with a stake that has no weight any more.
    function test_RevertWhen_ASlashedBidHasLessWeightThanTheLeastStake() public {
        quitAs(validators[10]);
        joinWith(CAP);
        address late = person("validator", 100, 200 * ASSAY);
        bidAs(late, 200 * ASSAY);
        vm.prank(registry.court());
        registry.slash(late, taskId, 40 * ASSAY + 1, keccak256("verdict"), 0);

        expectFull(200 * ASSAY);
        readyAs(late, POOL);
        assertTrue(lens.validatorOf(taskId, late).bid.standing == IRoundsTypes.Standing.Joined);
    }

    function test_SixteenWaitAndALargerBidTakesTheSmallestOfThem() public {
        bidHostile(16, MORE);
        address equal = person("validator", 200, MORE);
        bidAs(equal, MORE);
        expectFull((200 * ASSAY * 386 + 255) / 256);
        readyAs(equal, POOL);

        address larger = person("validator", 201, CAP);
        bidAs(larger, CAP);
        expectFromRounds();
        emit IRoundsEvents.ValidatorOutbid(taskId, 2, hostile[0], larger);
        readyAs(larger, POOL);
        assertTrue(lens.validatorOf(taskId, hostile[0]).bid.standing == IRoundsTypes.Standing.Joined);
        assertEq(lens.validatorOf(taskId, larger).rosterIndex, 64);
        // It had no place yet, so nothing holds it.
        quitAs(hostile[0]);
        assertEq(registry.reservationOf(hostile[0], taskId), 0);
    }

    /// A bid that others answer with more stake must be meant.
    function test_RevertWhen_ACandidateTakesItsBidBack() public {
        bidHostile(1, MORE);
        uint256 boundUntil = vm.getBlockTimestamp() + 2 * ROUND_SECONDS;
        expectBound(hostile[0], boundUntil);
        vm.warp(boundUntil - 1);
        expectBound(hostile[0], boundUntil);
        vm.warp(boundUntil);
        quitAs(hostile[0]);

        assertEq(registry.reservationOf(hostile[0], taskId), 0);
    }

    /// Sixteen candidates that left before the opening that counts their bids, and bid again at once, would keep all
    /// others out for good, with stake that no draw ever holds.
    function test_Attack49_ACandidateStaysForTheOpeningThatConsidersIt() public {
        uint256 bidAt = vm.getBlockTimestamp();
        bidHostile(16, CAP);
        // Each round takes longer than half of the time of a whole round with its challenge window.
        vm.warp(bidAt + ROUND_SECONDS - CHALLENGE);
        rounds.closeSubmissions(taskId);
        open();
        vm.warp(bidAt + 2 * (ROUND_SECONDS - CHALLENGE) + 1);
        for (uint256 i = 0; i < 16; ++i) expectBound(hostile[i], bidAt + 2 * ROUND_SECONDS);
        rounds.closeSubmissions(taskId);
        assertEq(weightOfHostile(), 0);
        open();

        assertEq(weightOfHostile(), 4 * 1_024);
    }

    /// A bid that has stood for long is considered by the next opening.
    function test_ABidThatCountsAlreadyBindsForOneRound() public {
        address late = person("validator", 100, MORE);
        bidAs(late, MORE);
        nextRound();
        nextRound();
        readyAs(late, POOL);

        assertEq(lens.validatorOf(taskId, late).boundUntil, vm.getBlockTimestamp() + ROUND_SECONDS);
    }

    function test_ACandidatesHigherBidBindsAnew() public {
        bidHostile(1, MORE);
        nextRound();
        raiseAs(hostile[0], 100 * ASSAY);
        uint256 boundUntil = vm.getBlockTimestamp() + 2 * ROUND_SECONDS;
        assertEq(lens.validatorOf(taskId, hostile[0]).boundUntil, boundUntil);
        nextRound();
        // The same weight is the same bid.
        raiseAs(hostile[0], 1);
        assertEq(lens.validatorOf(taskId, hostile[0]).boundUntil, boundUntil);
    }

    /// Nor can it put the opening off that considers it: the same weight is the same bid.
    function test_AStakeWithoutMoreWeightIsNoNewBid() public {
        bidHostile(1, CAP);
        raiseAs(hostile[0], 100 * ASSAY);

        assertEq(lens.validatorOf(taskId, hostile[0]).bid.firstRound, 3);
        assertEq(lens.validatorOf(taskId, hostile[0]).bid.weight, 1_024);
    }

    function test_RaisingAnUnreadyBidStartsItAnew() public {
        address late = person("validator", 100, CAP);
        bidAs(late, MORE);
        nextRound();
        raiseAs(late, ASSAY);
        assertEq(lens.validatorOf(taskId, late).bid.firstRound, 4);
        readyAs(late, POOL);

        assertEq(lens.validatorOf(taskId, late).bid.firstRound, 4);
        assertEq(lens.validatorOf(taskId, late).bid.weight, ((MORE + ASSAY) * 256) / (200 * ASSAY));
    }

    function test_RevertWhen_RaisingTheStakeAfterLeaving() public {
        quitAs(validators[0]);
        giveStake(validators[0], ASSAY);
        expectError(abi.encodeWithSelector(IRoundsErrors.Rounds_NotInRoster.selector, taskId, validators[0]));
        vm.prank(validators[0]);
        tasks.raiseValidatorStake(taskId, ASSAY);
    }

    // ---- Free places, places without weight, and bids that don't count yet go first

    function test_CandidatesTakeFreePlacesOfAnyNumber() public {
        bidHostile(10, MORE);
        for (uint256 i = 0; i < 8; ++i) quitAs(validators[i]);
        nextRound();
        assertEq(weightOfHostile(), 0);
        nextRound();

        // Eight free places, and two others.
        assertEq(weightOfHostile(), 10 * 385);
        assertEq(lens.validatorOf(taskId, hostile[0]).boundUntil, 0);
    }

    function test_ABidThatCountsGoesBeforeOneThatDoesNotYet() public {
        bidHostile(1, MORE);
        nextRound();
        quitAs(validators[10]);
        address later = joinWith(CAP);
        assertEq(lens.validatorOf(taskId, later).rosterIndex, 10);
        nextRound();

        assertEq(weightOfHostile(), 385);
        assertEq(lens.validatorOf(taskId, hostile[0]).rosterIndex, 10);
        assertTrue(lens.validatorOf(taskId, later).bid.standing == IRoundsTypes.Standing.Joined);
        (, uint256 all) = weights();
        assertEq(all, 63 * 384 + 385);
    }

    // ---- A taken place binds

    /// Stake that risks nothing must not empty a roster: a place taken from another validator must be kept as long as a
    /// round and its challenge window may last.
    function test_RevertWhen_LeavingAPlaceTakenFromAnother() public {
        bidHostile(4, MORE);
        nextRound();
        nextRound();
        uint256 boundUntil = vm.getBlockTimestamp() + ROUND_SECONDS;
        for (uint256 i = 0; i < 4; ++i) {
            assertTrue(lens.validatorOf(taskId, hostile[i]).seated);
            assertEq(lens.validatorOf(taskId, hostile[i]).boundUntil, boundUntil);
            expectBound(hostile[i], boundUntil);
        }
        readyAs(hostile[0], POOL);
        raiseAs(hostile[0], ASSAY);
        vm.warp(boundUntil - 1);
        expectBound(hostile[0], boundUntil);
        vm.warp(boundUntil);
        quitAs(hostile[0]);
        expectError(abi.encodeWithSelector(IRoundsErrors.Rounds_StillDrawn.selector, taskId, hostile[0]));
        tasks.releaseValidator(taskId, hostile[0]);
    }

    /// How long a taken place must be kept does not depend on what its holder had before: it is as long for a validator
    /// that left and came back while its old place was frozen.
    function test_Attack52_ComingBackDoesNotLiftTheBond() public {
        address small = shrinkOne();
        address back = validators[3];
        quitAs(back);
        voidRound();
        skip(CHALLENGE);
        tasks.releaseValidator(taskId, back);
        joinWith(CAP);
        assertEq(lens.bidsOf(taskId)[3].validator, validators[64]);
        giveStake(back, CAP);
        joinAs(back, CAP);
        assertTrue(lens.validatorOf(taskId, back).bid.standing == IRoundsTypes.Standing.Candidate);
        assertEq(lens.validatorOf(taskId, back).rosterIndex, 3);
        open();
        nextRound();

        // The other bid was as large and earlier: it had the free place. This one took the smallest.
        assertEq(lens.validatorOf(taskId, back).rosterIndex, 63);
        assertTrue(lens.validatorOf(taskId, small).bid.standing == IRoundsTypes.Standing.Joined);
        uint256 boundUntil = vm.getBlockTimestamp() + ROUND_SECONDS;
        assertEq(lens.validatorOf(taskId, back).boundUntil, boundUntil);
        expectBound(back, boundUntil);
        nextRound();
        assertEq(lens.validatorOf(taskId, back).boundUntil, boundUntil);
    }

    /// The validator that outbid it must keep the place instead.
    function test_WhoTookAPlaceAndIsOutbidIsFree() public {
        bidHostile(1, MORE);
        nextRound();
        nextRound();
        for (uint256 i = 0; i < 64; ++i) if (contains(roster(), validators[i])) raiseAs(validators[i], 100 * ASSAY);
        bidHostile(1, CAP);
        nextRound();
        nextRound();
        assertTrue(lens.validatorOf(taskId, hostile[0]).bid.standing == IRoundsTypes.Standing.Joined);
        assertEq(lens.validatorOf(taskId, hostile[0]).boundUntil, 0);
        voidRound();
        skip(CHALLENGE);
        quitAs(hostile[0]);

        assertEq(registry.reservationOf(hostile[0], taskId), 0);
    }

    // ---- No group's weight exceeds its share of what was bid by more than 1/64 for each replaced place

    function testFuzz_NoGroupHasMoreThanItsShareOfTheBids(uint256 seed) public {
        for (uint256 r = 0; r < 5; ++r) {
            seed = uint256(keccak256(abi.encode(seed)));
            for (uint256 i = 0; i < 8; ++i) bidAtRandom(uint256(keccak256(abi.encode(seed, i))));
            voidRound();
            skip(seed % 2);
            IRoundsLens.BidView[] memory before = lens.bidsOf(taskId);
            rounds.openRound(taskId);
            checkShares(before, seed);
        }
    }

    function bidAtRandom(uint256 seed) private {
        uint256 action = seed % 8;
        address account =
            action < 4 || hostile.length == 0 ? person("hostile", hostile.length, 1_000 * ASSAY) : anyBidder(seed >> 8);
        if (action < 4) hostile.push(account);
        bytes memory call =
            action < 4
                ? abi.encodeCall(ITasks.joinValidators, (taskId, (200 + ((seed >> 64) % 700)) * ASSAY, new bytes(32)))
                : action == 7
                    ? abi.encodeCall(ITasks.leaveValidators, (taskId))
                    : abi.encodeCall(ITasks.raiseValidatorStake, (taskId, (1 + ((seed >> 64) % 300)) * ASSAY));
        giveStake(account, 300 * ASSAY);
        vm.prank(account);
        // A bid may be too small, and a place may bind: whatever is refused changes nothing.
        // solhint-disable-next-line avoid-low-level-calls
        (bool isDone, ) = address(tasks).call(call);
        if (!isDone || (seed >> 32) % 8 == 0) return;
        vm.prank(account);
        // solhint-disable-next-line avoid-low-level-calls
        (isDone, ) = address(rounds).call(abi.encodeCall(rounds.ready, (taskId, POOL)));
    }

    function anyBidder(uint256 seed) private view returns (address) {
        return seed % 2 == 0 ? validators[(seed >> 8) % 64] : hostile[(seed >> 8) % hostile.length];
    }

    /// For many groups of accounts: weight / all ≤ bid / allBid + replaced / 64.
    function checkShares(IRoundsLens.BidView[] memory before, uint256 seed) private view {
        (address[] memory seated, uint16[] memory weight) = lens.rosterOf(taskId);
        (uint256 all, uint256 replaced) = (0, 0);
        uint256[] memory lost = new uint256[](64);
        for (uint256 i = 0; i < 64; ++i) {
            all += weight[i];
            bool counts = before[i].isReady && before[i].firstRound <= round();
            if (!counts || before[i].weight == 0 || contains(seated, before[i].validator)) continue;
            lost[i] = before[i].weight;
            ++replaced;
        }
        assertLe(replaced, 4, "few places change hands");
        for (uint256 g = 0; g < 16; ++g) {
            (uint256 has, uint256 bid, uint256 allBid) = (0, 0, all);
            for (uint256 i = 0; i < 64; ++i) {
                allBid += lost[i];
                if (isIn(g, seed, seated[i])) has += weight[i];
                if (isIn(g, seed, before[i].validator)) bid += lost[i];
            }
            bid += has;
            assertLe(has * allBid * 64, (bid * 64 + replaced * allBid) * all, "no more than the share");
        }
    }

    /// Group 0 has all newcomers, the others about half of everybody.
    function isIn(uint256 group, uint256 seed, address account) private view returns (bool) {
        if (group == 0) return contains(hostile, account);
        return uint256(keccak256(abi.encode(group, seed, account))) % 2 == 0;
    }

    // ---- Helpers

    /// Each joins with `stake` and is ready, as far as bids are taken.
    function bidHostile(uint256 count, uint256 stake) private {
        for (uint256 i = 0; i < count; ++i) {
            address account = person("hostile", hostile.length, stake);
            hostile.push(account);
            bidAs(account, stake);
            vm.prank(account);
            // Sixteen can wait; those with no more weight are refused.
            // solhint-disable-next-line avoid-low-level-calls
            (bool isReady, ) = address(rounds).call(abi.encodeCall(rounds.ready, (taskId, POOL)));
            assertEq(isReady, i < 16);
            giveStake(account, 200 * ASSAY);
        }
    }

    /// Replaces the last validator by one with a smaller weight than all others. The task is in round 1, like at first.
    function shrinkOne() private returns (address small) {
        small = validators[63];
        giveStake(small, 1_000 * ASSAY);
        for (uint256 i = 0; i < 63; ++i) raiseAs(validators[i], 100 * ASSAY);
    }

    function raiseAs(address account, uint256 amount) private {
        giveStake(account, amount);
        vm.prank(account);
        tasks.raiseValidatorStake(taskId, amount);
    }

    function giveStake(address account, uint256 amount) private {
        assay.transfer(account, amount);
        vm.prank(account);
        registry.stake(amount);
    }

    function voidRound() private {
        vm.warp(view_().submitEnd);
        rounds.closeSubmissions(taskId);
    }

    function nextRound() private {
        voidRound();
        open();
    }

    function roster() private view returns (address[] memory seated) {
        (seated, ) = lens.rosterOf(taskId);
    }

    function weightOfHostile() private view returns (uint256 ofHostile) {
        (ofHostile, ) = weights();
    }

    function weights() private view returns (uint256 ofHostile, uint256 all) {
        (address[] memory seated, uint16[] memory weight) = lens.rosterOf(taskId);
        for (uint256 i = 0; i < 64; ++i) {
            all += weight[i];
            if (contains(hostile, seated[i])) ofHostile += weight[i];
        }
    }

    function candidateCount() private view returns (uint256 count) {
        IRoundsLens.BidView[] memory bids = lens.bidsOf(taskId);
        for (uint256 i = 0; i < bids.length; ++i) if (bids[i].standing == IRoundsTypes.Standing.Candidate) ++count;
    }

    function expectFull(uint256 leastStake) private {
        expectError(abi.encodeWithSelector(IRoundsErrors.Rounds_RosterFull.selector, taskId, leastStake));
    }

    function expectBound(address validator, uint256 boundUntil) private {
        expectError(abi.encodeWithSelector(IRoundsErrors.Rounds_PlaceBound.selector, taskId, boundUntil));
        quitAs(validator);
    }
}
