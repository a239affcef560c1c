// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IAccusations} from "../../../contracts/interfaces/IAccusations.sol";
import {ICourt} from "../../../contracts/interfaces/ICourt.sol";
import {CourtEvidence} from "../fixtures/CourtEvidence.sol";
import {EvidenceDouble} from "../fixtures/EvidenceDouble.sol";
import {vm} from "../fixtures/Vm.sol";

/// What a contributor committed to, proven from the chain; each field altered.
contract AccusationsOfContributorsTest is CourtEvidence {
    // ---- pages

    function test_EverySubmissionOfAPageCanBeAccused() public {
        for (uint256 i = 0; i < CONTRIBUTORS; ++i) accuse(withholding(challenger, contributorAt(i), ROUND));
        assertEq(court.caseCount(), CONTRIBUTORS);
    }

    /// Submission 32 is the first one of the second page.
    function test_ASubmissionOfALaterPageCanBeAccused() public {
        IAccusations.PageProof memory proof = secondPage();
        ICourt.Facts memory facts = withholding(challenger, alice, ROUND);
        commitTo(facts.kind, challenger, alice, ROUND);
        vm.prank(challenger);
        accusations.accuseOfWithholding(TASK, ROUND, alice, proof, lastSalt());
        assertFacts(1, facts);
    }

    function secondPage() private returns (IAccusations.PageProof memory proof) {
        proof.index = 32;
        proof.contributors = new address[](1);
        proof.commitments = new bytes32[](1);
        (proof.contributors[0], proof.commitments[0]) = (alice, commitmentOf(alice, ROUND));
        rounds.setPage(TASK, ROUND, 1, digestOf(proof.contributors, proof.commitments));
    }

    function test_RevertWhen_ThePageIsAnother() public {
        bytes32 stored = digest(page(ROUND));
        for (uint256 i = 0; i < 4; ++i) {
            IAccusations.PageProof memory proof = page(ROUND);
            if (i == 0) proof.contributors[0] = alice;
            if (i == 1) proof.commitments[2] = "other";
            if (i == 2)
                (proof.contributors, proof.commitments) = (cut(proof.contributors), cutWords(proof.commitments));
            if (i == 3) proof.index = 33;
            bytes32 given = digest(proof);
            expectRefusal(
                proof,
                abi.encodeWithSelector(IAccusations.Accusations_WrongPage.selector, given, i == 3 ? bytes32(0) : stored)
            );
        }
    }

    /// Where the chain has no page, a page of nobody must not pass for it.
    function test_RevertWhen_ThereIsNoPage() public {
        IAccusations.PageProof memory proof;
        expectRefusal(proof, outOfRange("submission", 0, 0));
        proof = page(ROUND);
        proof.index = 3;
        expectRefusal(proof, outOfRange("submission", 3, 3));
        proof.index = 31;
        expectRefusal(proof, outOfRange("submission", 31, 3));
    }

    function test_RevertWhen_TheSubmissionIsAnothers() public {
        IAccusations.PageProof memory proof = page(ROUND);
        proof.index = 2;
        expectRefusal(
            proof,
            abi.encodeWithSelector(IAccusations.Accusations_NotItsSubmission.selector, 2, contributorAt(2), alice)
        );
    }

    function test_RevertWhen_ThePageHasTwoLengths() public {
        IAccusations.PageProof memory proof = page(ROUND);
        proof.commitments = cutWords(proof.commitments);
        expectRefusal(proof, abi.encodeWithSelector(IAccusations.Accusations_LengthMismatch.selector, 3, 2));
    }

    function cut(address[] memory list) private pure returns (address[] memory) {
        assembly ("memory-safe") {
            mstore(list, 2)
        }
        return list;
    }

    function cutWords(bytes32[] memory list) private pure returns (bytes32[] memory) {
        assembly ("memory-safe") {
            mstore(list, 2)
        }
        return list;
    }

    function digest(IAccusations.PageProof memory proof) private pure returns (bytes32) {
        return digestOf(proof.contributors, proof.commitments);
    }

    function outOfRange(string memory what, uint256 position, uint256 count) private pure returns (bytes memory) {
        return abi.encodeWithSelector(IAccusations.Accusations_OutOfRange.selector, what, position, count);
    }

    function expectRefusal(IAccusations.PageProof memory proof, bytes memory refusal) private {
        vm.expectRevert(refusal);
        vm.prank(challenger);
        accusations.accuseOfWithholding(TASK, ROUND, alice, proof, 0);
    }

    // ---- time

    function test_ARoundIsOpenToCasesUntilItIsFinal() public {
        uint256 closedAt = block.timestamp;
        skip(999);
        accuse(withholding(challenger, alice, ROUND));
        skip(1);
        expectNotOpen(ROUND, closedAt, closedAt + 1_000);
    }

    function test_RevertWhen_TheRoundIsOpenUnsealedOrForgotten() public {
        expectNotOpen(ROUND + 1, 0, 0);
        EvidenceDouble.Ended memory ended;
        (ended.openedAt, ended.closedAt) = (block.timestamp - 10, block.timestamp);
        rounds.setRound(TASK, ROUND, ended);
        expectNotOpen(ROUND, block.timestamp, block.timestamp + 1_000);
        (ended.beacon, ended.closedAt) = ("beacon", 0);
        rounds.setRound(TASK, ROUND, ended);
        expectNotOpen(ROUND, 0, 0);
    }

    function expectNotOpen(uint32 round, uint256 closedAt, uint256 finalAt) private {
        IAccusations.PageProof memory proof = page(ROUND);
        vm.expectRevert(
            abi.encodeWithSelector(
                IAccusations.Accusations_RoundNotOpenToCases.selector,
                TASK,
                round,
                closedAt,
                finalAt
            )
        );
        vm.prank(challenger);
        accusations.accuseOfWithholding(TASK, round, alice, proof, 0);
    }

    // ---- commitments

    /// Whoever accuses without a commitment of an earlier block, or of more than an hour ago, is refused.
    function test_RevertWhen_TheChallengerHasNotCommitted() public {
        ICourt.Facts memory facts = withholding(challenger, alice, ROUND);
        bytes32 commitment = digestOf(facts, "salt");
        assertEq(accusations.COMMIT_SECONDS(), 1 hours);
        expectNotCommitted(commitment, 0, 0);
        uint256 expiresAt = block.timestamp + 1 hours;
        vm.expectEmit(address(accusations));
        emit IAccusations.AccusationCommitted(challenger, commitment);
        vm.startPrank(challenger);
        accusations.commit(commitment);
        vm.expectRevert(abi.encodeWithSelector(IAccusations.Accusations_AlreadyCommitted.selector, commitment));
        accusations.commit(commitment);
        vm.stopPrank();
        (uint256 committedAt, uint256 found) = accusations.commitmentOf(challenger, commitment);
        assertEq(committedAt, block.number);
        assertEq(found, expiresAt);
        expectNotCommitted(commitment, block.number, expiresAt);

        vm.roll(block.number + 1);
        skip(999);
        IAccusations.PageProof memory proof = page(ROUND);
        vm.prank(challenger);
        accusations.accuseOfWithholding(TASK, ROUND, alice, proof, "salt");
        assertFacts(1, facts);
        vm.warp(expiresAt);
        closeRound(ROUND);
        expectNotCommitted(commitment, committedAt, expiresAt);
    }

    /// A commitment is its sender's, for one kind, task, round and defendant.
    function test_ACommitmentIsForOneAccusationOfOneChallenger() public {
        ICourt.Facts memory facts = withholding(challenger, alice, ROUND);
        bytes32 commitment = digestOf(facts, "salt");
        vm.prank(stranger);
        accusations.commit(commitment);
        vm.roll(block.number + 1);
        expectNotCommitted(commitment, 0, 0);
        for (uint256 i = 0; i < 4; ++i) {
            facts = withholding(challenger, alice, ROUND);
            if (i == 0) facts.kind = ICourt.CaseKind.FalseStep;
            if (i == 1) facts.round = ROUND + 1;
            if (i == 2) facts.defendant = contributorAt(0);
            if (i == 3) facts.challenger = stranger;
            bytes32 other = digestOf(facts, "salt");
            vm.prank(challenger);
            accusations.commit(other);
        }
        vm.roll(block.number + 1);
        expectNotCommitted(commitment, 0, 0);
    }

    function digestOf(ICourt.Facts memory facts, bytes32 salt) private view returns (bytes32) {
        bytes memory where = abi.encode(block.chainid, address(accusations), facts.challenger);
        bytes memory what = abi.encode(facts.kind, facts.taskId, facts.round, facts.defendant, salt);
        return keccak256(bytes.concat(where, what));
    }

    function expectNotCommitted(bytes32 commitment, uint256 committedAt, uint256 expiresAt) private {
        IAccusations.PageProof memory proof = page(ROUND);
        vm.expectRevert(
            abi.encodeWithSelector(IAccusations.Accusations_NotCommitted.selector, commitment, committedAt, expiresAt)
        );
        vm.prank(challenger);
        accusations.accuseOfWithholding(TASK, ROUND, alice, proof, "salt");
    }

    // ---- steps

    function test_EveryWindowCanBeAccused() public {
        for (uint32 window = 0; window < WINDOWS; ++window) {
            uint256 caseId = accuse(step(challenger, alice, ROUND, window));
            assertEq(jury.panelOf(caseId).excluded, 0);
        }
    }

    function test_RevertWhen_TheOpeningIsAnother() public {
        ICourt.OpeningFields memory fields = fieldsOf(alice, ROUND);
        fields.stateRoot = "other";
        bytes32 given = keccak256(abi.encode(block.chainid, address(rounds), TASK, ROUND, alice, fields));
        expectRefusal(
            fields,
            stepOf(alice, ROUND, 3),
            abi.encodeWithSelector(ICourt.Court_WrongOpening.selector, given, commitmentOf(alice, ROUND))
        );
    }

    function test_RevertWhen_AStateIsNotAtItsPlace() public {
        for (uint256 i = 0; i < 7; ++i) {
            IAccusations.StepProof memory proof = stepOf(alice, ROUND, 3);
            (uint256 position, bytes32 state) = (3, proof.before);
            if (i == 0) state = proof.before = "other";
            if (i == 1) (position, state) = (4, proof.afterwards = "other");
            if (i == 2) proof.proofBefore[0] = "other";
            if (i == 3) (position, state, proof.proofAfterwards[2]) = (4, proof.afterwards, "other");
            // The states of another window, with their own proofs.
            if (i == 4) (proof = stepOf(alice, ROUND, 5)).window = 3;
            if (i == 4) state = proof.before;
            if (i == 5) proof.proofBefore = new bytes32[](0);
            if (i == 6) (position, state, proof.proofAfterwards) = (4, proof.afterwards, longer(proof.proofAfterwards));
            expectRefusal(
                fieldsOf(alice, ROUND),
                proof,
                abi.encodeWithSelector(IAccusations.Accusations_WrongState.selector, position, state)
            );
        }
    }

    function longer(bytes32[] memory proof) private pure returns (bytes32[] memory copy) {
        copy = new bytes32[](proof.length + 1);
        for (uint256 i = 0; i < proof.length; ++i) copy[i] = proof[i];
    }

    function test_RevertWhen_ThereIsNoSuchWindow() public {
        IAccusations.StepProof memory proof = stepOf(alice, ROUND, 9);
        proof.window = 10;
        expectRefusal(
            fieldsOf(alice, ROUND),
            proof,
            abi.encodeWithSelector(IAccusations.Accusations_OutOfRange.selector, "window", 10, 10)
        );
    }

    function expectRefusal(
        ICourt.OpeningFields memory fields,
        IAccusations.StepProof memory proof,
        bytes memory refusal
    ) private {
        IAccusations.PageProof memory submission = page(ROUND);
        vm.expectRevert(refusal);
        vm.prank(challenger);
        accusations.accuseStep(TASK, ROUND, alice, submission, fields, proof, BLOB, 0);
    }

    // ---- keys to the evidence

    function test_AnyoneAnnouncesWhereTheKeysAreAsOftenAsItLikes() public {
        for (uint256 i = 0; i < 2; ++i) {
            vm.expectEmit(address(accusations));
            emit IAccusations.EvidenceKeysAnnounced(7, 8 + i, stranger, BLOB);
            vm.prank(stranger);
            accusations.announceKeys(7, 8 + i, BLOB);
        }
    }

    function test_RevertWhen_AnAnnouncementNamesNoBlob() public {
        vm.expectRevert(abi.encodeWithSelector(IAccusations.Accusations_NoKeys.selector, 7, 8));
        accusations.announceKeys(7, 8, 0);
    }
}
