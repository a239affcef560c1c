// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IRoundsErrors} from "../../../contracts/interfaces/IRoundsErrors.sol";
import {IRoundsEvents} from "../../../contracts/interfaces/IRoundsEvents.sol";
import {IRoundsLens} from "../../../contracts/interfaces/IRoundsLens.sol";
import {IRoundsTypes} from "../../../contracts/interfaces/IRoundsTypes.sol";
import {ITasks} from "../../../contracts/interfaces/ITasks.sol";
import {RoundsChain} from "../fixtures/RoundsChain.sol";
import {vm} from "../fixtures/Vm.sol";

/// Contributors commit to their updates, alone or relayed.
contract RoundsSubmittingTest is RoundsChain {
    bytes32 private constant UPDATE = keccak256("an update");
    /// Half the order of secp256k1, and the order: s and order − s sign the same.
    uint256 private constant CURVE_ORDER = 0xfffffffffffffffffffffffffffffffebaaedce6af48a03bbfd25e8cd0364141;

    struct Batch {
        address[] contributors;
        bytes32[] commitments;
        bytes signatures;
    }

    function setUp() public override {
        super.setUp();
        enrol(36);
        join(7);
    }

    function terms() internal override returns (ITasks.TaskParams memory params) {
        params = super.terms();
        params.slots = 36;
    }

    // ---- Alone

    function test_ASubmissionIsNumberedAndDigested() public {
        open();
        assertTrue(lens.maySubmit(taskId, contributors[4]));

        expectFromRounds();
        emit IRoundsEvents.Submitted(taskId, 1, contributors[4], 0, UPDATE);
        vm.prank(contributors[4]);
        rounds.submit(taskId, UPDATE);

        assertEq(view_().submissions, 1);
        IRoundsLens.ParticipantView memory participant = lens.participantOf(taskId, contributors[4]);
        assertEq(participant.lastRound, 1);
        assertEq(participant.index, 0);
        assertEq(participant.dataUnits, DATA_UNITS);
        assertEq(participant.reputationBps, 5_000);
        assertFalse(lens.maySubmit(taskId, contributors[4]));
        assertEq(lens.submissionPage(taskId, 1, 0), keccak256(abi.encode(bytes32(0), contributors[4], UPDATE)));
    }

    function test_PagesChain32SubmissionsEach() public {
        open();
        submit(34);

        bytes32 first;
        for (uint256 i = 0; i < 32; ++i) first = chained(first, i);
        assertEq(lens.submissionPage(taskId, 1, 0), first);
        assertEq(lens.submissionPage(taskId, 1, 1), chained(chained(0, 32), 33));
    }

    function test_PagesLiveAsLongAsTheRing() public {
        open();
        submit(3);
        bytes32 page = lens.submissionPage(taskId, 1, 0);
        assertNotEq(page, bytes32(0));
        voidByExpiry();
        for (uint256 i = 0; i < 7; ++i) {
            assertEq(lens.submissionPage(taskId, 1, 0), page);
            open();
            if (i < 6) voidEmpty();
        }

        assertEq(lens.submissionPage(taskId, 1, 0), page);
        voidEmpty();
        open();
        assertEq(lens.submissionPage(taskId, 1, 0), bytes32(0));
        assertEq(lens.submissionPage(taskId, 10, 0), bytes32(0));
        assertEq(lens.submissionPage(taskId, 0, 0), bytes32(0));
        assertEq(lens.submissionPage(taskId, 9, 256), bytes32(0));
    }

    function test_RevertWhen_NotInTheSubmitPhase() public {
        expectWrongPhase(IRoundsTypes.Phase.Idle, IRoundsTypes.Phase.Submit);
        vm.prank(contributors[0]);
        rounds.submit(taskId, UPDATE);
        open();
        vm.warp(view_().submitEnd);
        assertFalse(lens.maySubmit(taskId, contributors[0]));
        expectWrongPhase(IRoundsTypes.Phase.CloseDue, IRoundsTypes.Phase.Submit);
        vm.prank(contributors[0]);
        rounds.submit(taskId, UPDATE);
    }

    function test_RevertWhen_TheCommitmentIsZero() public {
        open();

        expectError(abi.encodeWithSelector(IRoundsErrors.Rounds_ZeroCommitment.selector));
        vm.prank(contributors[0]);
        rounds.submit(taskId, 0);
    }

    function test_RevertWhen_NotEnrolled() public {
        open();

        expectNotEnrolled(owner);
        vm.prank(owner);
        rounds.submit(taskId, UPDATE);
        expectNotEnrolled(validators[0]);
        vm.prank(validators[0]);
        rounds.submit(taskId, UPDATE);
        assertFalse(lens.maySubmit(taskId, owner));
        assertFalse(lens.maySubmit(99, owner));
    }

    function test_RevertWhen_SubmittingASecondTime() public {
        open();
        submitAs(contributors[0]);

        for (uint256 i = 0; i < 2; ++i) {
            bytes32 again = i == 0 ? commitmentOf(contributors[0]) : UPDATE;
            expectError(
                abi.encodeWithSelector(IRoundsErrors.Rounds_AlreadySubmitted.selector, taskId, 1, contributors[0])
            );
            vm.prank(contributors[0]);
            rounds.submit(taskId, again);
        }
        assertEq(view_().submissions, 1);
    }

    /// Contributors that enrol after the start of a round can't take a slot from those who enrolled before.
    function test_RevertWhen_EnrolledAfterTheStart() public {
        open();
        address[] memory late = new address[](36);
        for (uint256 i = 0; i < 36; ++i) {
            late[i] = person("late", i, 1_000 * ASSAY);
            enrolAs(late[i]);
            assertFalse(lens.maySubmit(taskId, late[i]));
            expectError(abi.encodeWithSelector(IRoundsErrors.Rounds_EnrolledTooLate.selector, taskId, 1, late[i]));
            vm.prank(late[i]);
            rounds.submit(taskId, UPDATE);
        }
        submit(36);
        assertEq(view_().submissions, 36);
    }

    function test_WhoEnrolledLateSubmitsToTheNextRound() public {
        open();
        address late = person("late", 0, 1_000 * ASSAY);
        enrolAs(late);
        submitAs(contributors[1]);
        finish(BEACON);
        open();
        submitAs(late);

        assertEq(lens.participantOf(taskId, late).lastRound, 2);
    }

    function test_RevertWhen_AllSlotsAreTaken() public {
        openForMoreThanTheSlots();
        submit(36);

        expectError(abi.encodeWithSelector(IRoundsErrors.Rounds_SlotsFull.selector, taskId, 36));
        vm.prank(contributors[36]);
        rounds.submit(taskId, UPDATE);
        assertFalse(lens.maySubmit(taskId, contributors[36]));
    }

    /// @dev Opens a round with more contributors drawn to submit than slots, and leaves only those in `contributors`.
    function openForMoreThanTheSlots() private {
        for (uint256 luck = 0; luck < 50; ++luck) {
            uint256 id = vm.snapshotState();
            open();
            submitAs(contributors[0]);
            finish(keccak256(abi.encode("luck", luck)));
            enrol(36);
            open();
            uint256 drawn = 0;
            for (uint256 i = 0; i < 72; ++i) {
                if (lens.maySubmit(taskId, contributors[i])) contributors[drawn++] = contributors[i];
            }
            if (drawn > 36) return;
            vm.revertToState(id);
        }
        revert("never drew more than 36 of 72");
    }

    /// @dev The rest of a round, after its submissions.
    function finish(bytes32 beacon) private {
        close();
        seal(beacon);
        finishSealed(entry(8_000, 10_000, 2));
    }

    // ---- More enrolled than slots

    function test_ThePreviousBeaconDrawsWhoMaySubmit() public {
        enrol(36);
        open();

        uint256 drawn = 0;
        for (uint256 i = 0; i < 72; ++i) {
            bool isDrawn = drawsNaively(contributors[i], 72);
            assertEq(lens.maySubmit(taskId, contributors[i]), isDrawn);
            if (!isDrawn) {
                expectNotDrawn(contributors[i]);
                vm.prank(contributors[i]);
                rounds.submit(taskId, UPDATE);
            } else {
                submitAs(contributors[i]);
                ++drawn;
            }
            if (drawn == 36) break;
        }
        assertGt(drawn, 8);
        assertLe(drawn, 36);
    }

    function test_EnrollingLateChangesNobodysLuck() public {
        enrol(1);
        open();
        bool[37] memory before;
        for (uint256 i = 0; i < 37; ++i) before[i] = lens.maySubmit(taskId, contributors[i]);
        enrol(10);

        for (uint256 i = 0; i < 37; ++i) assertEq(lens.maySubmit(taskId, contributors[i]), before[i]);
    }

    /// slots · ρ / Σρ with all reputations equal.
    function drawsNaively(address account, uint256 enrolled) private view returns (bool) {
        bytes32 seed = keccak256(abi.encode(view_().previousBeacon, keccak256("slot"), taskId, uint32(1), account));
        return uint256(seed) % 10_000 < (10_000 * 36) / enrolled;
    }

    // ---- Relayed

    function test_ABatchOfSignaturesIsTaken() public {
        open();
        Batch memory batch = signedBatch(34);

        expectFromRounds();
        emit IRoundsEvents.BatchSubmitted(taskId, 1, 0, batch.contributors, batch.commitments);
        assertEq(relay(batch), 34);

        bytes32 first;
        for (uint256 i = 0; i < 32; ++i) first = chained(first, i);
        assertEq(lens.submissionPage(taskId, 1, 0), first);
        assertEq(lens.submissionPage(taskId, 1, 1), chained(chained(0, 32), 33));
        assertEq(view_().submissions, 34);
    }

    function test_BatchesAndSingleSubmissionsShareOnePage() public {
        open();
        submit(3);
        relayOnly(3);
        submitAs(contributors[4]);

        bytes32 page;
        for (uint256 i = 0; i < 5; ++i) page = chained(page, i);
        assertEq(lens.submissionPage(taskId, 1, 0), page);
        assertEq(lens.participantOf(taskId, contributors[3]).index, 3);
    }

    function test_ABadEntryIsSkippedAndTheRestIsTaken() public {
        open();
        submitAs(contributors[1]);
        Batch memory batch = signedBatch(8);
        batch.contributors[0] = owner;
        batch.contributors[3] = contributors[2];
        batch.commitments[4] = keccak256("not what was signed");
        batch.contributors[6] = address(0);
        batch.commitments[7] = 0;

        expectSkip(owner, IRoundsTypes.SkipReason.NotEnrolled);
        expectSkip(contributors[1], IRoundsTypes.SkipReason.AlreadySubmitted);
        expectSkip(contributors[2], IRoundsTypes.SkipReason.AlreadySubmitted);
        expectSkip(contributors[4], IRoundsTypes.SkipReason.BadSignature);
        expectSkip(address(0), IRoundsTypes.SkipReason.NotEnrolled);
        expectSkip(contributors[7], IRoundsTypes.SkipReason.BadSignature);
        expectBatch(1, contributors[2], contributors[5]);

        assertEq(relay(batch), 2);
        assertEq(view_().submissions, 3);
    }

    function test_ABatchBeyondTheSlotsIsCutOff() public {
        openForMoreThanTheSlots();
        submit(34);
        Batch memory batch = signedBatchOf(34, 37);

        expectSkip(contributors[36], IRoundsTypes.SkipReason.SlotsFull);
        expectBatch(34, contributors[34], contributors[35]);
        rounds.submitBatch(taskId, 2, batch.contributors, batch.commitments, batch.signatures);
    }

    function test_WhoEnrolledLateIsSkipped() public {
        open();
        contributors.push(person("contributor", 36, 1_000 * ASSAY));
        enrolAs(contributors[36]);

        expectSkip(contributors[36], IRoundsTypes.SkipReason.EnrolledTooLate);
        expectBatch(0, contributors[34], contributors[35]);
        assertEq(relay(signedBatchOf(34, 37)), 2);
    }

    function test_WhoIsNotDrawnIsSkipped() public {
        enrol(36);
        open();
        for (uint256 i = 0; i < 36; ++i) {
            if (lens.maySubmit(taskId, contributors[i])) continue;
            expectSkip(contributors[i], IRoundsTypes.SkipReason.NotDrawn);
            assertEq(relay(signedBatchOf(i, i + 1)), 0);
            return;
        }
        revert("everybody was drawn");
    }

    function test_OtherKindsOfSignaturesAreBad() public {
        open();
        Batch memory batch = signedBatch(5);
        // v of the other parity, v without 27, an invalid r, a truncated s.
        bytes memory signatures = batch.signatures;
        signatures[64] = signatures[64] == 0x1b ? bytes1(0x1c) : bytes1(0x1b);
        signatures[65 + 64] = bytes1(uint8(signatures[65 + 64]) - 27);
        signatures[2 * 65] = ~signatures[2 * 65];
        for (uint256 i = 32; i < 64; ++i) signatures[3 * 65 + i] = 0;

        for (uint256 i = 0; i < 4; ++i) expectSkip(contributors[i], IRoundsTypes.SkipReason.BadSignature);
        assertEq(relay(batch), 1);
    }

    function test_TheMirroredSignatureCountsOnceToo() public {
        open();
        bytes32 digest = submissionDigest(commitmentOf(contributors[0]), round());
        (uint8 v, bytes32 r, bytes32 s) = vm.sign(keys[contributors[0]], digest);
        Batch memory batch = signedBatchOf(0, 1);
        batch.signatures = abi.encodePacked(r, CURVE_ORDER - uint256(s), v == 27 ? uint8(28) : uint8(27));
        assertEq(relay(batch), 1);

        expectSkip(contributors[0], IRoundsTypes.SkipReason.AlreadySubmitted);
        assertEq(relay(signedBatchOf(0, 1)), 0);
    }

    function test_AnEmptyBatchIsNothing() public {
        open();
        vm.recordLogs();
        assertEq(relay(signedBatchOf(0, 0)), 0);
        assertEq(vm.getRecordedLogs().length, 0, "told");
        assertEq(view_().submissions, 0);
    }

    function test_ABatchOfOneIsTold() public {
        open();
        vm.recordLogs();
        assertEq(relay(signedBatchOf(0, 1)), 1);
        assertEq(vm.getRecordedLogs()[0].topics[0], IRoundsEvents.BatchSubmitted.selector);
    }

    function test_RevertWhen_TheListsDiffer() public {
        open();
        Batch memory batch = signedBatch(3);
        batch.commitments = new bytes32[](2);
        expectError(abi.encodeWithSelector(IRoundsErrors.Rounds_LengthMismatch.selector, 3, 2));
        relay(batch);

        batch = signedBatch(3);
        batch.signatures = bytes.concat(batch.signatures, hex"00");
        expectError(abi.encodeWithSelector(IRoundsErrors.Rounds_LengthMismatch.selector, 195, 196));
        relay(batch);
    }

    function test_RevertWhen_TheBatchIsForAnotherRound() public {
        open();
        Batch memory batch = signedBatch(1);

        expectError(abi.encodeWithSelector(IRoundsErrors.Rounds_WrongRound.selector, taskId, 2, 1));
        rounds.submitBatch(taskId, 2, batch.contributors, batch.commitments, batch.signatures);
    }

    function test_RevertWhen_TheBatchIsLate() public {
        open();
        Batch memory batch = signedBatch(1);
        vm.warp(view_().submitEnd);

        expectWrongPhase(IRoundsTypes.Phase.CloseDue, IRoundsTypes.Phase.Submit);
        relay(batch);
    }

    function test_Attack35_ASignatureCountsForOneRoundOnly() public {
        open();
        Batch memory old = signedBatch(2);
        assertEq(relay(old), 2);
        voidByExpiry();
        open();

        expectSkip(contributors[0], IRoundsTypes.SkipReason.BadSignature);
        expectSkip(contributors[1], IRoundsTypes.SkipReason.BadSignature);
        assertEq(rounds.submitBatch(taskId, 2, old.contributors, old.commitments, old.signatures), 0);
    }

    function test_Attack35_ASignatureCountsForOneTaskOnly() public {
        uint64 first = taskId;
        open();
        Batch memory batch = signedBatch(1);
        taskId = createTask(terms());
        enrolAs(contributors[0]);
        for (uint256 i = 7; i < 14; ++i) joinAs(person("validator", i, STAKE), STAKE);
        open();

        expectSkip(contributors[0], IRoundsTypes.SkipReason.BadSignature);
        assertEq(relay(batch), 0);
        taskId = first;
        assertEq(relay(batch), 1);
    }

    function test_Attack35_ASignatureIsWorthNothingAfterAFork() public {
        open();
        Batch memory batch = signedBatch(1);
        bytes32 domain = rounds.domainSeparator();
        assertEq(domain, domainOf(block.chainid));
        vm.chainId(4_242);

        assertEq(rounds.domainSeparator(), domainOf(4_242));
        expectSkip(contributors[0], IRoundsTypes.SkipReason.BadSignature);
        assertEq(relay(batch), 0);
    }

    // ---- Helpers

    function signedBatch(uint256 count) private view returns (Batch memory) {
        return signedBatchOf(0, count);
    }

    function signedBatchOf(uint256 from, uint256 to) private view returns (Batch memory batch) {
        batch.contributors = new address[](to - from);
        batch.commitments = new bytes32[](to - from);
        for (uint256 i = from; i < to; ++i) {
            address contributor = contributors[i];
            bytes32 commitment = commitmentOf(contributor);
            (uint8 v, bytes32 r, bytes32 s) = vm.sign(keys[contributor], submissionDigest(commitment, round()));
            batch.contributors[i - from] = contributor;
            batch.commitments[i - from] = commitment;
            batch.signatures = bytes.concat(batch.signatures, abi.encodePacked(r, s, v));
        }
    }

    function submissionDigest(bytes32 commitment, uint32 round_) private view returns (bytes32) {
        bytes32 typeHash = keccak256("Submission(uint64 taskId,uint32 round,bytes32 commitment)");
        bytes32 submission = keccak256(abi.encode(typeHash, taskId, round_, commitment));
        return keccak256(abi.encodePacked(hex"1901", domainOf(block.chainid), submission));
    }

    function domainOf(uint256 chainId) private view returns (bytes32) {
        bytes32 typeHash = keccak256(
            "EIP712Domain(string name,string version,uint256 chainId,address verifyingContract)"
        );
        return keccak256(abi.encode(typeHash, keccak256("Assay Rounds"), keccak256("1"), chainId, address(rounds)));
    }

    function relay(Batch memory batch) private returns (uint256) {
        return rounds.submitBatch(taskId, 1, batch.contributors, batch.commitments, batch.signatures);
    }

    function relayOnly(uint256 index) private {
        assertEq(relay(signedBatchOf(index, index + 1)), 1);
    }

    function chained(bytes32 page, uint256 index) private view returns (bytes32) {
        return keccak256(abi.encode(page, contributors[index], commitmentOf(contributors[index])));
    }

    function voidByExpiry() private {
        close();
        beacon.expire();
        rounds.seal(taskId);
    }

    function voidEmpty() private {
        vm.warp(view_().submitEnd);
        rounds.closeSubmissions(taskId);
    }

    function expectNotEnrolled(address account) private {
        expectError(abi.encodeWithSelector(IRoundsErrors.Rounds_NotEnrolled.selector, taskId, account));
    }

    function expectNotDrawn(address account) private {
        expectError(abi.encodeWithSelector(IRoundsErrors.Rounds_NotDrawnToSubmit.selector, taskId, 1, account));
    }

    function expectSkip(address account, IRoundsTypes.SkipReason reason) private {
        expectFromRounds();
        emit IRoundsEvents.SubmissionSkipped(taskId, round(), account, reason);
    }

    /// The two contributors left in a batch, by index.
    function expectBatch(uint256 firstIndex, address first, address second) private {
        address[] memory taken = new address[](2);
        bytes32[] memory commitments = new bytes32[](2);
        (taken[0], taken[1]) = (first, second);
        (commitments[0], commitments[1]) = (commitmentOf(first), commitmentOf(second));
        expectFromRounds();
        emit IRoundsEvents.BatchSubmitted(taskId, round(), firstIndex, taken, commitments);
    }
}
