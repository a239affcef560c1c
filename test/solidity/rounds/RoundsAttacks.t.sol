// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IRounds} from "../../../contracts/interfaces/IRounds.sol";
import {IRoundsErrors} from "../../../contracts/interfaces/IRoundsErrors.sol";
import {IRoundsLens} from "../../../contracts/interfaces/IRoundsLens.sol";
import {IRoundsTypes} from "../../../contracts/interfaces/IRoundsTypes.sol";
import {IStakeRegistry} from "../../../contracts/interfaces/IStakeRegistry.sol";
import {ITasks} from "../../../contracts/interfaces/ITasks.sol";
import {RoundsChain} from "../fixtures/RoundsChain.sol";
import {newRounds} from "../fixtures/Shipped.sol";
import {vm} from "../fixtures/Vm.sol";

/// Attacks on rewards, scores and rounds that happened to other protocols, by their numbers in docs/attacks.md. Those
/// on claims (17, 28) and on signatures (35) are tested with claims and submissions.
contract RoundsAttacksTest is RoundsChain {
    uint256 private constant CHALLENGE = 1_000;
    bytes32 private constant MODEL = keccak256("model");

    function setUp() public override {
        super.setUp();
        enrol(3);
        join(7);
    }

    // ---- Stake and slashing

    function test_Attack10_AMissIsFinedHoweverFastTheStakeRunsAway() public {
        openAndSeal(3);
        address runner = seatsOf(0)[0];
        vm.startPrank(runner);
        tasks.leaveValidators(taskId);
        expectError(abi.encodeWithSelector(IStakeRegistry.StakeRegistry_FreeStakeTooLow.selector, 1, 0));
        registry.requestUnstake(1);
        vm.stopPrank();
        silence(0, runner);
        finish();

        assertEq(registry.positionOf(runner).active, (STAKE * 99) / 100);
        vm.warp(view_().closedAt + CHALLENGE);
        tasks.releaseValidator(taskId, runner);
        vm.prank(runner);
        registry.requestUnstake((STAKE * 99) / 100);
        assertGe(registry.positionOf(runner).availableAt, view_().closedAt + CHALLENGE + UNBONDING_SECONDS);
    }

    function test_Attack10_StakeOnItsWayOutPaysTheFineFirst() public {
        address runner = validators[6];
        assay.transfer(runner, 100 * ASSAY);
        vm.startPrank(runner);
        registry.stake(100 * ASSAY);
        registry.requestUnstake(100 * ASSAY);
        vm.stopPrank();
        for (uint256 i = 0; lens.validatorOf(taskId, runner).missedRounds == 0; ++i) {
            require(i < 9, "never drawn");
            openAndSeal(3);
            silence(0, runner);
            finishWithout(runner);
        }

        assertEq(registry.positionOf(runner).unbonding, 97 * ASSAY);
        assertEq(registry.reservationOf(runner, taskId), STAKE);
    }

    // ---- Rewards

    function test_Attack21_StakingMoreAfterTheDrawPaysNothingMore() public {
        openAndSeal(3);
        address seat = seatsOf(0)[0];
        assay.transfer(seat, 5_000 * ASSAY);
        vm.prank(seat);
        registry.stake(5_000 * ASSAY);
        finish();

        assertEq(lens.earningsOf(taskId, seat).pending, 3 * 1e12);
        assertEq(lens.validatorOf(taskId, seat).bid.weight, 384);
    }

    function test_Attack21_MoreDataChangesNothingThatIsEarned() public {
        playRound(3, entry(8_000, 10_000, 2));
        address alice = contributors[0];
        skip(2 * EPOCH);
        uint256 matured = lens.earningsOf(taskId, alice).matured;
        leaveAs(alice);
        vm.prank(alice);
        tasks.enrol(taskId, keccak256("more"), 1_000);

        assertEq(lens.earningsOf(taskId, alice).matured, matured);
        assertEq(rounds.claim(taskId, alice), matured);
    }

    function test_Attack22_ADonationChangesNobodysPay() public {
        openAndSeal(3);
        uint256 id = vm.snapshotState();
        finish();
        uint256 pay = lens.earningsOf(taskId, contributors[0]).pending;
        uint256 available = tasks.fundsOf(taskId).available;
        vm.revertToState(id);
        vm.startPrank(owner);
        money.transfer(address(tasks), 1e20);
        money.transfer(address(rounds), 1e20);
        vm.stopPrank();
        finish();

        assertEq(lens.earningsOf(taskId, contributors[0]).pending, pay);
        assertEq(tasks.fundsOf(taskId).available, available);
    }

    function test_Attack23_ComingJustBeforeThePayEarnsNothing() public {
        openAndSeal(3);
        planAll(entry(8_000, 10_000, 2));
        scoreAttempt(0);
        address validator = joinWith(5_000 * ASSAY);
        enrol(1);
        end();

        assertEarned(validator, 0);
        assertEarned(contributors[3], 0);
        skip(2 * EPOCH);
        leaveAs(contributors[3]);
    }

    function test_Attack24_ANewcomerHasNoPartInThePast() public {
        for (uint256 i = 0; i < 3; ++i) playRound(3, entry(8_000, 10_000, 2));
        enrol(1);
        address late = joinWith(STAKE);
        skip(2 * EPOCH);

        expectError(abi.encodeWithSelector(IRoundsErrors.Rounds_NothingMatured.selector, taskId, contributors[3], 0));
        rounds.claim(taskId, contributors[3]);
        assertEarned(late, 0);
        assertEq(lens.participantOf(taskId, contributors[3]).seen, 0);
    }

    function test_Attack25_TheOrderOfClaimsChangesNoAmount() public {
        playRound(3, entry(8_000, 10_000, 2));
        skip(2 * EPOCH);
        uint256[3] memory amounts;
        uint256 id = vm.snapshotState();
        for (uint256 i = 0; i < 3; ++i) amounts[i] = rounds.claim(taskId, contributors[i]);
        vm.revertToState(id);
        leaveAs(contributors[1]);

        for (uint256 i = 3; i > 0; --i) assertEq(rounds.claim(taskId, contributors[i - 1]), amounts[i - 1]);
    }

    /// At prices of one wei, what is rounded off stays in the escrow and goes back to the owner, to the last wei.
    function test_Attack26_NothingIsLockedByRounding() public {
        ITasks.TaskParams memory params = terms();
        (params.priceCompute, params.priceData, params.priceValidation) = (1, 1, 1);
        (params.computeUnitsPerRound, params.dataUnitsLimit) = (1, 1);
        moveTo(params);
        for (uint256 i = 0; i < 2; ++i) playRound(3, entry(9_999, 9_999, 2));
        (uint256 credited, uint256 held, , ) = lens.totalsOf(taskId);
        assertEq(held, 0);
        assertEq(lens.earningsOf(taskId, contributors[0]).pending, 0);

        uint256 funded = tasks.fundsOf(taskId).funded;
        vm.prank(owner);
        tasks.close(taskId);
        assertEq(tasks.fundsOf(taskId).refunded, funded - credited);
        assertEq(tasks.fundsOf(taskId).reserved, 0);
        assertEq(lens.purseOf(taskId), credited);
    }

    function test_Attack27_AnUpdateIsPaidOnce() public {
        openAndSeal(3);
        planAll(entry(8_000, 10_000, 2));
        scoreAttempt(0);
        address[] memory members = membersOf(0);
        settleAll();
        uint256 pay = lens.earningsOf(taskId, members[0]).pending;
        expectWrongPhase(IRoundsTypes.Phase.CohortVote, IRoundsTypes.Phase.SettleDue);
        rounds.settle(taskId, one(0), members);
        voteAll(MODEL);
        finalize();

        // Nor with the sheets of another round.
        openAndSeal(2);
        toSettle(0);
        address[] memory two = membersOf(0);
        expectError(abi.encodeWithSelector(IRoundsErrors.Rounds_NoMajority.selector, 0, 0, 2));
        rounds.settle(taskId, one(0), two);
        assertEarned(members[0], pay);
    }

    /// Both committees reveal the highest scores: the reserve still covers the round.
    function test_Attack29_ARoundNeverCostsMoreThanItsReserve() public {
        for (uint256 i = 0; i < 8; ++i) playRound(3, entry(10_000, 20_000, 2));
        (uint256 before, , , ) = lens.totalsOf(taskId);
        openAndSeal(3);
        planAll(entry(10_000, 20_000, 2));
        address[] memory first = seatsOf(0);
        planCohort(0, redrawnSeatsOf(0), entry(10_000, 20_000, 2));
        silence(0, first[0]);
        silence(0, first[1]);
        scoreAttempt(0);
        scoreAttempt(1);
        end();

        (uint256 credited, , , ) = lens.totalsOf(taskId);
        assertGt(credited - before, 0);
        assertLe(credited - before, tasks.largestRoundCost(taskId));
    }

    function test_Attack32_WorkThatNobodyReplayedEarnsNoComputePay() public {
        playRound(3, entry(10_000, 0, 0));

        assertEarned(contributors[0], 0);
        assertEq(lens.participantOf(taskId, contributors[0]).provenWindows, 0);
        assertEq(lens.participantOf(taskId, contributors[0]).runningQualityBps, 10_000);
    }

    // ---- Scores

    function test_Attack33_ACopiedCommitmentIsWorthNothing() public {
        (address seat, uint32[] memory cohorts, uint256[] memory words) = aSheet();
        address thief = seatsOf(0)[1];
        bytes32 digest = digestOf(seat, 0, cohorts, words);
        commitRaw(seat, digest);
        commitRaw(thief, digest);
        toReveal(0);
        revealAs(seat, 0);

        expectMismatch(digest, digestOf(thief, 0, cohorts, words));
        revealRaw(thief, cohorts, words);
    }

    /// Chain, contract, task, round and attempt: with any of them changed, the commitment doesn't match.
    function test_Attack33_ACommitmentBelongsToOneDutyOnly() public {
        (address seat, uint32[] memory cohorts, uint256[] memory words) = aSheet();
        bytes32 sheets = keccak256(abi.encode(cohorts, words));
        bytes32[5] memory foreign = [
            digestOn(block.chainid + 1, address(rounds), taskId, 1, 0, seat, sheets),
            digestOn(block.chainid, address(tasks), taskId, 1, 0, seat, sheets),
            digestOn(block.chainid, address(rounds), taskId + 1, 1, 0, seat, sheets),
            digestOn(block.chainid, address(rounds), taskId, 2, 0, seat, sheets),
            digestOn(block.chainid, address(rounds), taskId, 1, 1, seat, sheets)
        ];
        bytes32 right = digestOn(block.chainid, address(rounds), taskId, 1, 0, seat, sheets);
        for (uint256 i = 0; i < 5; ++i) {
            uint256 id = vm.snapshotState();
            commitRaw(seat, foreign[i]);
            toReveal(0);
            expectMismatch(foreign[i], right);
            revealRaw(seat, cohorts, words);
            vm.revertToState(id);
        }
        commitRaw(seat, right);
        toReveal(0);
        revealRaw(seat, cohorts, words);
    }

    /// Pulling a score down is as futile as pushing it up. Either costs accuracy only if the class differs.
    function test_Attack33_OneSeatMovesNoMedianBeyondTheHonestOnes() public {
        for (uint256 i = 0; i < 2; ++i) {
            openAndSeal(3);
            planAll(entry(8_000, 10_000, 2));
            (uint256 low, ) = uniform(3, i == 0 ? entry(0, 0, 2) : entry(10_000, 20_000, 2));
            plan(0, seatsOf(0)[1], low, 0);
            scoreAttempt(0);
            end();
            assertEq(lens.participantOf(taskId, contributors[0]).runningQualityBps, 8_000);
            assertEq(lens.participantOf(taskId, contributors[0]).runningRarityBps, 10_000);
        }
    }

    function test_Attack33_WhoSeesAndKeepsSilentIsFined() public {
        openAndSeal(3);
        planAll(entry(8_000, 10_000, 2));
        address silent = seatsOf(0)[2];
        toCommit(0);
        for (uint256 i = 0; i < 7; ++i) commitAs(validators[i], 0);
        toReveal(0);
        for (uint256 i = 0; i < 7; ++i) if (validators[i] != silent) revealAs(validators[i], 0);
        toSettle(0);
        end();

        assertEarned(silent, 0);
        assertEq(registry.reservationOf(silent, taskId), (STAKE * 99) / 100);
    }

    // ---- Limits and silence

    /// 64 validators, committees of 15, one of whom is silent.
    function test_Attack34_TheLargestRosterWorks() public {
        ITasks.TaskParams memory params = terms();
        params.committeeSize = 15;
        moveTo(params);
        join(57);
        openAndSeal(3);
        planAll(entry(8_000, 10_000, 1));
        silence(0, seatsOf(0)[14]);
        scoreAttempt(0);
        end();

        assertEq(lens.participantOf(taskId, contributors[0]).runningQualityBps, 8_000);
        assertEq(lens.participantOf(taskId, contributors[0]).provenWindows, 6);
        assertEq(view_().baseModelHash, MODEL);
    }

    function test_Attack34_ARoundWithoutAnyScorerEnds() public {
        openAndSeal(3);
        toSettle(1);
        rounds.voidCohort(taskId, 0);
        finalize();

        assertPhase(IRoundsTypes.Phase.Idle);
        assertEq(tasks.fundsOf(taskId).reserved, 0);
        // Contributors lose nothing, silent seats are slashed 1 %.
        assertEq(lens.participantOf(taskId, contributors[0]).reputationBps, 5_000);
        assertEq(registry.reservationOf(seatsOf(0)[0], taskId), (STAKE * 99) / 100);
        open();
    }

    function test_Attack36_CallsWithoutAFunctionAreRefused() public {
        bytes[3] memory calls = [bytes(""), hex"00", hex"deadbeef"];
        for (uint256 i = 0; i < 3; ++i) {
            // solhint-disable-next-line avoid-low-level-calls
            (bool isDone, ) = address(rounds).call(calls[i]);
            assertFalse(isDone);
        }
        vm.deal(address(this), 1 ether);
        // solhint-disable-next-line avoid-low-level-calls
        (bool isPaid, ) = address(rounds).call{value: 1}("");
        assertFalse(isPaid);
    }

    function test_Attack36_ASheetOfAnEarlierRoundOpensNothing() public {
        openAndSeal(3);
        planAll(entry(8_000, 10_000, 2));
        address seat = seatsOf(0)[0];
        (uint32[] memory cohorts, uint256[] memory words) = sheetsOf(seat, 0);
        scoreAttempt(0);
        end();
        openAndSeal(3);
        toReveal(0);

        bytes32 revealed = tagged(digestOf(seat, 0, cohorts, words));
        expectError(abi.encodeWithSelector(IRoundsErrors.Rounds_CommitmentMismatch.selector, 0, revealed));
        revealRaw(seat, cohorts, words);
    }

    /// Without answers nothing is paid by default, and no earnings are lost.
    function test_Attack37_ASilentBeaconStopsNoClaim() public {
        playRound(3, entry(8_000, 10_000, 2));
        uint256 pay = lens.earningsOf(taskId, contributors[0]).pending;
        open();
        submit(3);
        close();
        skip(1 days - 1);

        expectError(abi.encodeWithSelector(IRoundsErrors.Rounds_BeaconPending.selector, 2));
        rounds.seal(taskId);
        assertEq(rounds.claim(taskId, contributors[0]), pay);
        vm.prank(owner);
        tasks.close(taskId);
        assertEq(tasks.fundsOf(taskId).reserved, tasks.largestRoundCost(taskId));
        assertEq(lens.purseOf(taskId), owedToOthers());
    }

    /// The gas of a call depends neither on earlier rounds nor on the number of others.
    function test_Attack38_ACallCostsTheSameHoweverManyTakePart() public {
        ITasks.TaskParams memory params = terms();
        params.slots = 300;
        moveTo(params);
        address alice = contributors[0];
        playRound(3, entry(8_000, 10_000, 2));
        open();
        uint256 few = gasOfSubmit(alice);
        vm.warp(view_().submitEnd);
        rounds.closeSubmissions(taskId);
        beacon.expire();
        rounds.seal(taskId);
        skip(2 * EPOCH);
        uint256 claimOfOne = gasOfClaim(contributors[1]);

        enrol(200);
        for (uint256 i = 0; i < 3; ++i) playRound(3, entry(8_000, 10_000, 2));
        skip(2 * EPOCH);
        uint256 claimOfMany = gasOfClaim(contributors[2]);
        open();
        uint256 many = gasOfSubmit(alice);

        assertApproxEqAbs(many, few, 3_000, "submit");
        assertApproxEqAbs(claimOfMany, claimOfOne, 3_000, "claim");
    }

    function test_Attack43_TermsNeverChange() public {
        bytes32 before = keccak256(abi.encode(tasks.paramsOf(taskId)));
        playRound(3, entry(8_000, 10_000, 2));
        ITasks.TaskParams memory cheaper = terms();
        cheaper.priceCompute = 1;
        expectError(abi.encodeWithSelector(IRoundsErrors.Rounds_OnlyTasks.selector, owner, address(tasks)));
        vm.prank(owner);
        rounds.registerTask(taskId, cheaper);

        assertEq(keccak256(abi.encode(tasks.paramsOf(taskId))), before);
        IRounds other = IRounds(address(newRounds(tasks, registry, beacon)));
        expectError(abi.encodeWithSelector(ITasks.Tasks_AlreadyConnected.selector, address(rounds)));
        tasks.connect(address(other));
    }

    // ---- Helpers

    /// The rest of the round after scoring, with a new model.
    function end() private {
        settleAll();
        voteAll(MODEL);
        finalize();
    }

    /// Every seat that isn't silenced gives good scores; the round ends.
    function finish() private {
        finishWithout(address(0));
    }

    function finishWithout(address absent) private {
        address[] memory seats = seatsOf(0);
        (uint256 low, uint256 high) = uniform(3, entry(8_000, 10_000, 2));
        for (uint256 i = 0; i < 3; ++i) {
            (, uint256[] memory words) = sheetsOf(seats[i], 0);
            if (words.length != 0) plan(0, seats[i], low, high);
        }
        scoreAttempt(0);
        settleAll();
        address[] memory root = seatsOf(ROOT);
        for (uint256 i = 0; i < 3; ++i) if (root[i] != absent) voteAs(root[i], MODEL);
        vm.warp(view_().rootVoteEnd);
        finalize();
    }

    /// The same people in a task with other parameters.
    function moveTo(ITasks.TaskParams memory params) private {
        taskId = createTask(params);
        for (uint256 i = 0; i < 3; ++i) enrolAs(contributors[i]);
        for (uint256 i = 0; i < 7; ++i) {
            assay.transfer(validators[i], STAKE);
            vm.prank(validators[i]);
            registry.stake(STAKE);
            joinAs(validators[i], STAKE);
        }
    }

    function aSheet() private returns (address seat, uint32[] memory cohorts, uint256[] memory words) {
        openAndSeal(3);
        planAll(entry(8_000, 10_000, 2));
        seat = seatsOf(0)[0];
        (cohorts, words) = sheetsOf(seat, 0);
        toCommit(0);
    }

    function digestOn(
        uint256 chainId,
        address place,
        uint64 task,
        uint32 round_,
        uint8 attempt,
        address seat,
        bytes32 sheets
    ) private pure returns (bytes32) {
        return keccak256(abi.encode(chainId, place, task, round_, attempt, seat, sheets, SALT));
    }

    function commitRaw(address validator, bytes32 digest) private {
        vm.prank(validator);
        rounds.commitScores(taskId, digest);
    }

    function revealRaw(address validator, uint32[] memory cohorts, uint256[] memory words) private {
        vm.prank(validator);
        rounds.revealScores(taskId, cohorts, words, SALT);
    }

    function expectMismatch(bytes32 committed, bytes32 revealed) private {
        expectError(
            abi.encodeWithSelector(
                IRoundsErrors.Rounds_CommitmentMismatch.selector,
                tagged(committed),
                tagged(revealed)
            )
        );
    }

    function tagged(bytes32 digest) private view returns (bytes32) {
        return bytes32((uint256(round()) << 224) | uint224(uint256(digest)));
    }

    function owedToOthers() private view returns (uint256 owed) {
        (owed, , , ) = lens.totalsOf(taskId);
        owed -= money.balanceOf(contributors[0]);
    }

    function assertEarned(address account, uint256 amount) private view {
        IRoundsLens.EarningsView memory earnings = lens.earningsOf(taskId, account);
        assertEq(earnings.matured + earnings.pending + earnings.held, amount);
    }

    function gasOfSubmit(address account) private returns (uint256 used) {
        bytes32 commitment = commitmentOf(account);
        vm.prank(account);
        used = gasleft();
        rounds.submit(taskId, commitment);
        return used - gasleft();
    }

    function gasOfClaim(address account) private returns (uint256 used) {
        used = gasleft();
        rounds.claim(taskId, account);
        return used - gasleft();
    }
}
