// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IJury} from "../../contracts/interfaces/IJury.sol";
import {Juries} from "./fixtures/Juries.sol";
import {vm} from "./fixtures/Vm.sol";

/// What jurors commit to and reveal, and what a panel reports.
contract JuryVotesTest is Juries {
    bytes32 private constant C = "a third value";

    // ---- commitments

    function test_ACommitmentIsNoted() public {
        join(3);
        uint256 panelId = openDrawn(0);
        vm.expectEmit(address(jury));
        emit IJury.VoteCommitted(panelId, jurorAt(1), digestOf(panelId, jurorAt(1), A));
        commit(panelId, 1, A);
        assertSeat(panelId, 1, IJury.SeatStatus.Silent, 0);
    }

    function test_RevertWhen_TheCallerHasNoSeat() public {
        join(12);
        uint256 panelId = openDrawn(0);
        uint256[] memory places = seatsOf(panelId);
        uint256 other = 0;
        while (other == places[0] || other == places[1] || other == places[2]) ++other;

        vm.startPrank(jurorAt(other));
        // At its own place, which isn't drawn, at one that is, and where there is no place.
        uint256[4] memory tried = [other, places[0], 64, 256 + places[0]];
        for (uint256 i = 0; i < 4; ++i) {
            vm.expectRevert(abi.encodeWithSelector(IJury.Jury_NoSeat.selector, panelId, tried[i], jurorAt(other)));
            jury.commitVote(panelId, tried[i], A);
        }
        vm.stopPrank();
        skip(COMMIT);
        vm.expectRevert(abi.encodeWithSelector(IJury.Jury_NoSeat.selector, panelId, other, address(this)));
        jury.revealVote(panelId, other, A, WITNESS, 0);
    }

    function test_RevertWhen_AVoteIsZero() public {
        join(3);
        uint256 panelId = openDrawn(0);
        vm.startPrank(jurorAt(0));
        vm.expectRevert(abi.encodeWithSelector(IJury.Jury_ZeroVote.selector, panelId));
        jury.commitVote(panelId, 0, 0);
        skip(COMMIT);
        vm.expectRevert(abi.encodeWithSelector(IJury.Jury_ZeroVote.selector, panelId));
        jury.revealVote(panelId, 0, 0, WITNESS, 0);
    }

    function test_RevertWhen_AJurorVotesTwice() public {
        join(3);
        uint256 panelId = openDrawn(0);
        commit(panelId, 0, A);
        vm.startPrank(jurorAt(0));
        vm.expectRevert(abi.encodeWithSelector(IJury.Jury_AlreadyVoted.selector, panelId, jurorAt(0)));
        jury.commitVote(panelId, 0, B);
        vm.stopPrank();
        skip(COMMIT);
        reveal(panelId, 0, A);
        vm.startPrank(jurorAt(0));
        vm.expectRevert(abi.encodeWithSelector(IJury.Jury_AlreadyVoted.selector, panelId, jurorAt(0)));
        jury.revealVote(panelId, 0, A, WITNESS, saltOf(jurorAt(0)));
    }

    // ---- reveals

    function test_ARevealIsNoted() public {
        join(3);
        uint256 panelId = openDrawn(0);
        commit(panelId, 2, A);
        skip(COMMIT);
        vm.expectEmit(address(jury));
        emit IJury.VoteRevealed(panelId, jurorAt(2), A, WITNESS);
        reveal(panelId, 2, A);
        assertSeat(panelId, 2, IJury.SeatStatus.Revealed, A);
        assertEq(jury.panelOf(panelId).revealed, 4);
        (IJury.SeatStatus status, , , ) = jury.seatOf(panelId, 64);
        assertEq(uint256(status), uint256(IJury.SeatStatus.NotDrawn));
    }

    function test_RevertWhen_ARevealIsNotWhatWasCommittedTo() public {
        join(3);
        uint256 panelId = openDrawn(0);
        commit(panelId, 0, A);
        skip(COMMIT);
        expectMismatch(panelId, digestOf(panelId, jurorAt(0), B), digestOf(panelId, jurorAt(0), A));
        reveal(panelId, 0, B);
        // Nothing was committed to.
        expectMismatch(panelId, digestOf(panelId, jurorAt(1), A), 0);
        reveal(panelId, 1, A);
    }

    /// Juror 1 sends the commitment of juror 0, and reveals what that one reveals.
    function test_RevertWhen_ACommitmentIsCopied() public {
        join(3);
        uint256 panelId = openDrawn(0);
        bytes32 copied = digestOf(panelId, jurorAt(0), A);
        commit(panelId, 0, A);
        vm.prank(jurorAt(1));
        jury.commitVote(panelId, 1, copied);
        skip(COMMIT);
        reveal(panelId, 0, A);

        bytes32 salt = saltOf(jurorAt(0));
        bytes32 given = keccak256(abi.encode(block.chainid, address(jury), panelId, jurorAt(1), A, WITNESS, salt));
        expectMismatch(panelId, given, copied);
        vm.prank(jurorAt(1));
        jury.revealVote(panelId, 1, A, WITNESS, salt);
    }

    /// The same juror's commitment of another panel is worth nothing either.
    function test_RevertWhen_ACommitmentIsForAnotherPanel() public {
        join(3);
        uint256 other = openDrawn(0);
        uint256 panelId = openDrawn(0);
        bytes32 copied = digestOf(other, jurorAt(0), A);
        vm.prank(jurorAt(0));
        jury.commitVote(panelId, 0, copied);
        skip(COMMIT);
        expectMismatch(panelId, digestOf(panelId, jurorAt(0), A), copied);
        reveal(panelId, 0, A);
    }

    // ---- reports of drawn seats

    function test_AMajorityOfTheDrawnSeatsReports() public {
        join(5);
        assertReport(1, five(A, A, A, B, B), A);
        assertReport(1, five(B, A, B, A, A), A);
        assertReport(1, five(A, 0, A, 0, A), A);
        assertReport(1, five(B, B, A, A, A), A);
    }

    /// Silence counts for nobody: half of those who came are too few.
    function test_LessThanAMajorityReportsNothing() public {
        join(5);
        assertReport(1, five(A, A, B, B, C), 0);
        assertReport(1, five(A, A, 0, 0, 0), 0);
        assertReport(1, five(A, A, B, 0, 0), 0);
        assertReport(1, five(0, 0, 0, 0, 0), 0);
        assertReport(1, five(A, A, CANNOT_EXECUTE, CANNOT_EXECUTE, CANNOT_EXECUTE), 0);
    }

    function test_HalfOfAnEvenPanelReportsNothing() public {
        join(4);
        assertReport(1, four(A, A, B, B), 0);
        assertReport(1, four(A, A, B, C), 0);
        assertReport(1, four(A, A, A, B), A);
    }

    function test_CannotExecuteIsNeverReported() public {
        join(3);
        bytes32[] memory results = new bytes32[](3);
        for (uint256 i = 0; i < 3; ++i) results[i] = CANNOT_EXECUTE;
        uint256 panelId = openDrawn(0);
        vote(panelId, results);
        assertEq(jury.reportOf(panelId), 0);
        assertSeat(panelId, 0, IJury.SeatStatus.Revealed, CANNOT_EXECUTE);
        assertEq(jury.panelOf(panelId).revealedWeight, 0);
    }

    function test_MissingEvidenceIsReportedLikeAValue() public {
        join(5);
        assertReport(1, five(EVIDENCE_MISSING, A, EVIDENCE_MISSING, A, EVIDENCE_MISSING), EVIDENCE_MISSING);
        assertReport(1, five(EVIDENCE_MISSING, A, EVIDENCE_MISSING, A, 0), 0);
    }

    // ---- reports of all jurors

    function test_AllReportByTheWeightThatCame() public {
        join(4);
        // Two of four are the quorum, and all who came.
        assertReport(2, four(A, A, 0, 0), A);
        assertReport(2, four(A, 0, 0, 0), 0);
        assertReport(2, four(A, A, B, 0), A);
        assertReport(2, four(A, A, B, B), 0);
        assertReport(2, four(A, B, 0, 0), 0);
        // Who couldn't execute didn't come.
        assertReport(2, four(A, CANNOT_EXECUTE, CANNOT_EXECUTE, CANNOT_EXECUTE), 0);
        assertReport(2, four(A, A, CANNOT_EXECUTE, CANNOT_EXECUTE), A);
    }

    function test_WeightsCountWhereAllSit() public {
        jury.admit(jurorAt(0), stakeOf(1_024));
        jury.admit(jurorAt(1), stakeOf(512));
        jury.admit(jurorAt(2), stakeOf(511));
        jury.admit(jurorAt(3), stakeOf(257));
        skip(DELAY);
        // 1,024 of 2,304.
        assertReport(2, four(A, B, B, B), B);
        assertReport(2, four(A, B, B, 0), A);
        // 1,152 is half of all.
        assertReport(2, four(0, A, A, 0), 0);
        assertReport(2, four(0, A, A, A), A);
        assertEq(jury.panelOf(1).totalWeight, 2_304);
        assertEq(jury.panelOf(1).revealedWeight, 2_304);
    }

    function test_ExactlyHalfOfAllWeightIsTheQuorum() public {
        jury.admit(jurorAt(0), stakeOf(512));
        jury.admit(jurorAt(1), stakeOf(512));
        jury.admit(jurorAt(2), stakeOf(512));
        jury.admit(jurorAt(3), stakeOf(512));
        skip(DELAY);
        assertReport(2, four(A, A, 0, 0), A);

        jury.dismiss(jurorAt(3));
        jury.admit(jurorAt(4), stakeOf(513));
        skip(DELAY);
        // 1,024 of 2,049.
        assertReport(2, four(A, A, 0, 0), 0);
    }

    /// The value that leads changes hands, and comes back.
    function test_TheLeadChangesHands() public {
        join(64);
        bytes32[] memory results = new bytes32[](64);
        for (uint256 i = 0; i < 64; ++i)
            results[i] =
                i % 4 == 0
                    ? A
                    : i % 4 == 3
                        ? C
                        : B;
        for (uint256 i = 0; i < 4; ++i) results[i] = A;
        for (uint256 i = 40; i < 64; ++i) results[i] = A;
        // A leads with 4, then B with up to 18 against 13, in the end A with 37 of 64.
        assertReport(2, results, A);
        for (uint256 i = 33; i < 64; ++i) results[i] = B;
        for (uint256 i = 0; i < 33; ++i) results[i] = i % 2 == 0 ? B : C;
        assertReport(2, results, B);
    }

    // ---- any order, any votes

    function testFuzz_TheOrderOfVotesDoesNotMatter(uint256 luck, bool hasAll) public {
        uint256[] memory weights = joinAtRandom(luck);
        bytes32[] memory results = resultsFrom(luck);
        uint256 panelId = openDrawn(hasAll ? 2 : 1);
        uint256[] memory places = seatsOf(panelId);
        for (uint256 i = 0; i < places.length; ++i) {
            if (results[places[i]] != 0) commit(panelId, places[i], results[places[i]]);
        }
        skip(2 * COMMIT);
        if (!hasAll) vm.warp(jury.revealEndOf(panelId) - 1);
        uint256 state = vm.snapshotState();
        bytes32 report = revealAll(panelId, places, results, 0);
        vm.revertToState(state);
        assertEq(revealAll(panelId, places, results, luck), report);
        assertEq(report, reportFrom(places, results, weights, hasAll));
    }

    function revealAll(
        uint256 panelId,
        uint256[] memory places,
        bytes32[] memory results,
        uint256 luck
    ) private returns (bytes32) {
        uint256 count = places.length;
        uint256[] memory left = new uint256[](count);
        for (uint256 i = 0; i < count; ++i) left[i] = places[i];
        for (; count > 0; --count) {
            uint256 i = luck == 0 ? count - 1 : uint256(keccak256(abi.encode(luck, count))) % count;
            if (results[left[i]] != 0) reveal(panelId, left[i], results[left[i]]);
            left[i] = left[count - 1];
        }
        vm.warp(jury.revealEndOf(panelId));
        return jury.reportOf(panelId);
    }

    /// @dev The rule itself: counts each value among all votes.
    function reportFrom(
        uint256[] memory places,
        bytes32[] memory results,
        uint256[] memory weights,
        bool hasAll
    ) private pure returns (bytes32) {
        uint256 all = 0;
        uint256 came = 0;
        for (uint256 i = 0; i < places.length; ++i) {
            uint256 weight = hasAll ? weights[places[i]] : 1;
            bytes32 result = results[places[i]];
            all += weight;
            if (result != 0 && result != CANNOT_EXECUTE) came += weight;
        }
        if (hasAll && came * 2 < all) return 0;
        for (uint256 i = 0; i < places.length; ++i) {
            bytes32 result = results[places[i]];
            if (result == 0 || result == CANNOT_EXECUTE) continue;
            uint256 sum = 0;
            for (uint256 j = 0; j < places.length; ++j) {
                if (results[places[j]] == result) sum += hasAll ? weights[places[j]] : 1;
            }
            if (2 * sum > (hasAll ? came : all)) return result;
        }
        return 0;
    }

    function joinAtRandom(uint256 luck) private returns (uint256[] memory weights) {
        weights = new uint256[](7);
        for (uint256 i = 0; i < 7; ++i) {
            weights[i] = bound(uint256(keccak256(abi.encode(luck, "weight", i))), 256, 1_024);
            jury.admit(jurorAt(i), stakeOf(weights[i]));
        }
        skip(DELAY);
    }

    function resultsFrom(uint256 luck) private pure returns (bytes32[] memory results) {
        bytes32[8] memory choices = [A, A, A, B, B, bytes32(0), CANNOT_EXECUTE, EVIDENCE_MISSING];
        results = new bytes32[](7);
        for (uint256 i = 0; i < 7; ++i) results[i] = choices[uint256(keccak256(abi.encode(luck, i))) % 8];
    }

    // ---- helpers

    function assertReport(uint256 instance, bytes32[] memory results, bytes32 report) private {
        uint256 panelId = openDrawn(instance);
        vote(panelId, results);
        assertEq(jury.reportOf(panelId), report);
    }

    function four(bytes32 a, bytes32 b, bytes32 c, bytes32 d) private pure returns (bytes32[] memory results) {
        results = new bytes32[](4);
        (results[0], results[1], results[2], results[3]) = (a, b, c, d);
    }

    function five(
        bytes32 a,
        bytes32 b,
        bytes32 c,
        bytes32 d,
        bytes32 e
    ) private pure returns (bytes32[] memory results) {
        results = new bytes32[](5);
        (results[0], results[1], results[2], results[3], results[4]) = (a, b, c, d, e);
    }

    function assertSeat(uint256 panelId, uint256 place, IJury.SeatStatus status, bytes32 result) private view {
        (IJury.SeatStatus found, address juror, , bytes32 reported) = jury.seatOf(panelId, place);
        assertEq(uint256(found), uint256(status));
        assertEq(juror, jurorAt(place));
        assertEq(reported, result);
    }

    function expectMismatch(uint256 panelId, bytes32 given, bytes32 committed) private {
        vm.expectRevert(abi.encodeWithSelector(IJury.Jury_CommitmentMismatch.selector, panelId, given, committed));
    }
}
