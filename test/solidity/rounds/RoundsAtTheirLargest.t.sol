// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IRoundsErrors} from "../../../contracts/interfaces/IRoundsErrors.sol";
import {IRoundsLens} from "../../../contracts/interfaces/IRoundsLens.sol";
import {ITasks} from "../../../contracts/interfaces/ITasks.sol";
import {RoundsChain} from "../fixtures/RoundsChain.sol";
import {vm} from "../fixtures/Vm.sol";

/// Rounds past the 255 that eight bits count, and with every one of their 2,048 slots taken. Elsewhere a counter of
/// eight bits ended a protocol at its seventeenth participant.
contract RoundsAtTheirLargestTest is RoundsChain {
    uint256 private constant MANY = 272;
    uint256 private constant SLOTS = 2_048;
    uint32 private constant COHORTS = 128;
    bytes32 private constant MODEL = keccak256("model");

    function setUp() public override {
        super.setUp();
        enrol(MANY);
        join(7);
    }

    function terms() internal override returns (ITasks.TaskParams memory params) {
        params = super.terms();
        params.slots = uint16(SLOTS);
    }

    function test_Attack34_MoreThanEightBitsOfContributorsAreAllPaid() public {
        openAndSeal(MANY);
        assertEq(cohortCount(), 17);
        planAll(entry(8_000, 10_000, 2));
        scoreAttempt(0);
        settleAll();
        voteAll(MODEL);
        finalize();

        assertContributorsWerePaidAlike();
        assertEq(entriesOfAll(), MANY * 3);
        assertEq(view_().baseModelHash, MODEL);
    }

    /// In the largest round only the last cohort is scored, and the others are void.
    function test_Attack34_ARoundWithEverySlotTakenEnds() public {
        enrol(SLOTS - MANY);
        open();
        submit(SLOTS);
        assertNobodyElseFits();
        close();
        seal(BEACON);
        assertEq(cohortCount(), COHORTS);
        scoreOnly(COHORTS - 1);
        settle(COHORTS - 1);
        toSettle(1);
        for (uint32 c = 0; c < COHORTS - 1; ++c) rounds.voidCohort(taskId, c);
        voteAll(MODEL);
        finalize();

        assertEq(view_().cohortsDone, COHORTS);
        assertEq(view_().cohortsVoid, COHORTS - 1);
        assertEq(lens.participantOf(taskId, contributors[SLOTS - 1]).index, SLOTS - 1);
        address[] memory members = membersOf(COHORTS - 1);
        for (uint256 i = 0; i < 16; ++i) assertGt(lens.earningsOf(taskId, members[i]).pending, 0);
    }

    function assertNobodyElseFits() private {
        address late = person("contributor", SLOTS, 1_000 * ASSAY);
        enrolAs(late);
        expectError(abi.encodeWithSelector(IRoundsErrors.Rounds_EnrolledTooLate.selector, taskId, 1, late));
        vm.prank(late);
        rounds.submit(taskId, keccak256("one too many"));
    }

    /// Only the seats of the cohort reveal, and only for it.
    function scoreOnly(uint32 cohort) private {
        address[] memory seats = seatsOf(cohort);
        uint256[] memory words = new uint256[](2);
        (words[0], words[1]) = uniform(16, entry(8_000, 10_000, 2));
        toCommit(0);
        for (uint256 i = 0; i < 3; ++i) {
            bytes32 digest = digestOf(seats[i], 0, one(cohort), words);
            vm.prank(seats[i]);
            rounds.commitScores(taskId, digest);
        }
        toReveal(0);
        for (uint256 i = 0; i < 3; ++i) {
            vm.prank(seats[i]);
            rounds.revealScores(taskId, one(cohort), words, SALT);
        }
        toSettle(0);
    }

    function assertContributorsWerePaidAlike() private view {
        uint256 pay = lens.earningsOf(taskId, contributors[0]).pending;
        assertGt(pay, 0);
        for (uint256 i = 1; i < MANY; ++i) assertEq(lens.earningsOf(taskId, contributors[i]).pending, pay);
        uint256 validation = 0;
        for (uint256 i = 0; i < 7; ++i) validation += lens.earningsOf(taskId, validators[i]).pending;
        (uint256 credited, uint256 held, , ) = lens.totalsOf(taskId);
        assertEq(credited, MANY * pay + validation);
        assertEq(held, 0);
    }

    /// Number of accurate entries of all seats; each is paid at its uptime.
    function entriesOfAll() private view returns (uint256 entries) {
        for (uint256 i = 0; i < 7; ++i) {
            IRoundsLens.ValidatorView memory seat = lens.validatorOf(taskId, validators[i]);
            uint256 due = (seat.accurateEntries * uint256(1e12) * seat.uptimeBps) / 10_000;
            assertEq(lens.earningsOf(taskId, validators[i]).pending, due);
            entries += seat.accurateEntries;
        }
    }
}
