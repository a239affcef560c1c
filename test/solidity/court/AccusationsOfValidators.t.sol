// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IAccusations} from "../../../contracts/interfaces/IAccusations.sol";
import {ICourt} from "../../../contracts/interfaces/ICourt.sol";
import {RoundRecords} from "../../../contracts/libraries/RoundRecords.sol";
import {Sampling} from "../../../contracts/libraries/Sampling.sol";
import {ScoreWords} from "../../../contracts/libraries/ScoreWords.sol";
import {CourtEvidence} from "../fixtures/CourtEvidence.sol";
import {vm} from "../fixtures/Vm.sol";

/// What a validator said, proven from the chain; each field altered.
contract AccusationsOfValidatorsTest is CourtEvidence {
    address private seat;

    function setUp() public override {
        super.setUp();
        seat = committeeOf(0, ROUND)[1];
    }

    // ---- scores

    function test_AScoreOfEitherAttemptCanBeAccused() public {
        accuse(score(challenger, seat, ROUND));

        ICourt.Facts memory facts = score(challenger, seat, ROUND);
        facts.accused = bytes32((1 << 255) | scoreOf(1));
        commitTo(facts.kind, challenger, seat, ROUND);
        vm.prank(challenger);
        accusations.accuseScore(TASK, ROUND, seat, statement(1), 0, 0, roundProof(), BLOB, lastSalt());
        assertFacts(2, facts);
    }

    /// The windows of an entry aren't part of the value that jurors compute.
    function test_TheAccusedValueIsQualityAndRarity() public {
        IAccusations.Statement memory said = statement(0);
        said.words[0] |= 15 << 28;
        rounds.setSheet(TASK, seat, ROUND, 0, wordOf(said, ROUND, seat));
        ICourt.Facts memory facts = score(challenger, seat, ROUND);
        commitTo(facts.kind, challenger, seat, ROUND);
        vm.prank(challenger);
        accusations.accuseScore(TASK, ROUND, seat, said, 0, 0, roundProof(), BLOB, lastSalt());
        assertFacts(1, facts);
    }

    function test_RevertWhen_AnEntryIsAJudgement() public {
        expectScoreRefused(
            statement(0),
            0,
            1,
            abi.encodeWithSelector(IAccusations.Accusations_EntryIsJudgement.selector, ScoreWords.NOT_AUDITED)
        );
        expectScoreRefused(
            statement(0),
            0,
            2,
            abi.encodeWithSelector(IAccusations.Accusations_EntryIsJudgement.selector, ScoreWords.GATE_FAILED)
        );
    }

    /// Only a score of 0, no decision whatever its reason, and S1, can be computed again of what has no quality above 0.
    function test_ReasonsThatOnlyTheSeatKnowsAreJudgements() public {
        for (uint256 reason = 0; reason < 8; ++reason) {
            accuseFirstEntry((reason << ScoreWords.RARITY_OFFSET), reason == 0);
            accuseFirstEntry(ScoreWords.GATE_FAILED | (reason << ScoreWords.RARITY_OFFSET), reason == 1);
            accuseFirstEntry(ScoreWords.NO_DECISION | (reason << ScoreWords.RARITY_OFFSET), true);
            accuseFirstEntry(ScoreWords.NOT_AUDITED | (reason << ScoreWords.RARITY_OFFSET), false);
            accuseFirstEntry(ScoreWords.TASK_FAULT | (reason << ScoreWords.RARITY_OFFSET), false);
        }
    }

    /// @dev Accuses a sheet whose first entry is this one; it must open a case or be refused.
    function accuseFirstEntry(uint256 entry, bool isOpened) private {
        IAccusations.Statement memory said = statement(0);
        said.words[0] = (said.words[0] & ~uint256(0xffffffff)) | entry;
        rounds.setSheet(TASK, seat, ROUND, 0, wordOf(said, ROUND, seat));
        if (!isOpened) {
            bytes memory refusal = abi.encodeWithSelector(IAccusations.Accusations_EntryIsJudgement.selector, entry);
            expectScoreRefused(said, 0, 0, refusal);
            return;
        }
        uint256 cases = court.caseCount();
        commitTo(ICourt.CaseKind.FalseScore, challenger, seat, ROUND);
        vm.prank(challenger);
        accusations.accuseScore(TASK, ROUND, seat, said, 0, 0, roundProof(), BLOB, lastSalt());
        assertEq(court.caseCount(), cases + 1);
    }

    /// Entries beyond a cohort's size are zero, which would read as a score.
    function test_RevertWhen_ThereIsNoSuchEntry() public {
        expectScoreRefused(statement(0), 0, 3, outOfRange("entry", 3, 3));
        expectScoreRefused(statement(0), 0, type(uint256).max, outOfRange("entry", type(uint256).max, 3));
        expectScoreRefused(statement(0), 1, 0, outOfRange("cohort", 1, 1));
        IAccusations.Statement memory said = statement(0);
        said.hasSheets = false;
        rounds.setSheet(TASK, seat, ROUND, 0, wordOf(said, ROUND, seat));
        expectScoreRefused(said, 0, 0, outOfRange("cohort", 0, 1));
    }

    function test_RevertWhen_ACommittedSheetIsAboutNoCohort() public {
        IAccusations.Statement memory said = statement(0);
        said.cohorts[0] = 1 << 28;
        rounds.setSheet(TASK, seat, ROUND, 0, wordOf(said, ROUND, seat));
        expectScoreRefused(said, 0, 0, abi.encodeWithSelector(Sampling.Sampling_UnknownCohort.selector, 1 << 28, 1));
        said.cohorts[0] = 0;
        said.words = new uint256[](3);
        rounds.setSheet(TASK, seat, ROUND, 0, wordOf(said, ROUND, seat));
        expectScoreRefused(said, 0, 0, abi.encodeWithSelector(IAccusations.Accusations_LengthMismatch.selector, 2, 3));
    }

    // ---- statements

    function test_RevertWhen_TheValidatorSaidSomethingElse() public {
        bytes32 stored = wordOf(statement(0), ROUND, seat);
        for (uint256 i = 0; i < 8; ++i) {
            IAccusations.Statement memory said = statement(0);
            if (i == 0) said.cohorts[0] = 1;
            if (i == 1) said.words[0] ^= 1;
            if (i == 2) said.words[1] ^= 1;
            if (i == 3) said.salt = "other";
            if (i == 4) said.voteHashes[0] = "other";
            if (i == 5) (said.voteHashes[0], said.voteHashes[1]) = (said.voteHashes[1], said.voteHashes[0]);
            if (i == 6) said.hasSheets = false;
            if (i == 7) said.voteHashes = new bytes32[](0);
            expectScoreRefused(said, 0, 0, wrongStatement(wordOf(said, ROUND, seat), stored));
        }
    }

    /// The second attempt holds no votes: those of the first don't pass for its.
    function test_RevertWhen_TheStatementIsOfAnotherAttempt() public {
        IAccusations.Statement memory said = statement(0);
        said.attempt = 1;
        bytes32 stored = wordOf(statement(1), ROUND, seat);
        expectScoreRefused(said, 0, 0, wrongStatement(wordOf(said, ROUND, seat), stored));
        said = statement(1);
        said.voteHashes = statement(0).voteHashes;
        expectVoteRefused(said, voteOf(false), 0, wrongStatement(wordOf(said, ROUND, seat), stored));
        said.attempt = 2;
        expectScoreRefused(said, 0, 0, wrongStatement(wordOf(said, ROUND, seat), 0));
    }

    /// Where a validator said nothing, an empty statement must not pass.
    function test_RevertWhen_TheValidatorSaidNothing() public {
        rounds.setSheet(TASK, seat, ROUND, 0, 0);
        IAccusations.Statement memory nothing;
        expectScoreRefused(nothing, 0, 0, wrongStatement(0, 0));
    }

    function test_VotesWithoutSheetsCanBeAccused() public {
        IAccusations.Statement memory said = statement(0);
        said.hasSheets = false;
        rounds.setSheet(TASK, seat, ROUND, 0, wordOf(said, ROUND, seat));
        ICourt.Facts memory facts = votedFor(challenger, seat, ROUND, false);
        commitTo(facts.kind, challenger, seat, ROUND);
        vm.prank(challenger);
        accusations.accuseVote(TASK, ROUND, seat, said, voteOf(false), roundProof(), 0, BLOB, lastSalt());
        assertFacts(1, facts);
    }

    // ---- records

    function test_RevertWhen_TheRecordIsAnother() public {
        uint224 stored = recordOf(roundProof(), ROUND);
        for (uint256 i = 0; i < 6; ++i) {
            IAccusations.RoundProof memory proof = roundProof();
            if (i == 0) proof.baseModelHash = "other";
            if (i == 1) proof.previousBeacon = "other";
            if (i == 2) proof.weights[0] += 1;
            if (i == 3) proof.validators[1] = seat;
            if (i == 4) proof.cohorts[0] = 1;
            if (i == 5) proof.resultsHashes[0] = "other";
            expectProofRefused(
                proof,
                abi.encodeWithSelector(IAccusations.Accusations_WrongRecord.selector, recordOf(proof, ROUND), stored)
            );
        }
        IAccusations.RoundProof memory short = roundProof();
        short.resultsHashes = new bytes32[](0);
        expectProofRefused(short, abi.encodeWithSelector(IAccusations.Accusations_LengthMismatch.selector, 1, 0));
    }

    /// Who has no weight had no seat: neither one that isn't in the roster, nor one that waits there.
    function test_RevertWhen_TheValidatorHasNoWeight() public {
        for (uint256 i = 0; i < 2; ++i) {
            address nobody = i == 0 ? stranger : validatorAt(VALIDATORS);
            rounds.setSheet(TASK, nobody, ROUND, 0, wordOf(statement(0), ROUND, nobody));
            IAccusations.Statement memory said = statement(0);
            IAccusations.RoundProof memory proof = roundProof();
            vm.expectRevert(abi.encodeWithSelector(IAccusations.Accusations_NotInRoster.selector, nobody));
            vm.prank(challenger);
            accusations.accuseScore(TASK, ROUND, nobody, said, 0, 0, proof, BLOB, 0);
        }
    }

    // ---- votes

    function test_VotesOnAggregatesAndModelsAreCasesOfTheirOwn() public {
        accuse(votedFor(challenger, seat, ROUND, false));
        accuse(votedFor(challenger, committeeOf(ROOT, ROUND)[0], ROUND, true));
        ICourt.Facts memory facts = votedFor(challenger, committeeOf(ROOT, ROUND)[0], ROUND, true);
        assertEq(partiesOf(facts).length, 6);
    }

    function test_AVoteOfASecondCommitteeCanBeAccused() public {
        // The seats of the first committee are excluded: of seven validators two are left for three seats.
        IAccusations.RoundProof memory proof = roundProof();
        IAccusations.Statement memory said = statement(0);
        IAccusations.VoteProof memory vote = voteOf(false);
        vm.expectRevert(abi.encodeWithSelector(Sampling.Sampling_TooFewValidators.selector, 2, 5));
        vm.prank(challenger);
        accusations.accuseVote(TASK, ROUND, seat, said, vote, proof, 1, BLOB, 0);
        expectVoteRefused(said, vote, 2, outOfRange("attempt", 2, 2));
        // The root has one committee only.
        expectVoteRefused(said, voteOf(true), 1, outOfRange("attempt", 1, 1));
    }

    function test_RevertWhen_TheVoteIsAnother() public {
        IAccusations.VoteProof memory vote = voteOf(false);
        vote.call = 2;
        expectVoteRefused(statement(0), vote, 0, outOfRange("call", 2, 2));
        vote = voteOf(false);
        vote.index = 1;
        expectVoteRefused(statement(0), vote, 0, outOfRange("vote", 1, 1));
        bytes32 stated = statement(0).voteHashes[0];
        for (uint256 i = 0; i < 3; ++i) {
            vote = voteOf(false);
            if (i == 0) vote.cohorts[0] = 1;
            if (i == 1) vote.hashes[0] = "other";
            if (i == 2) vote = voteOf(true);
            if (i == 2) vote.call = 0;
            bytes32 given = RoundRecords.votesHash(vote.cohorts, vote.hashes);
            expectVoteRefused(statement(0), vote, 0, wrongStatement(given, stated));
        }
    }

    /// A commitment to sheets can hide anything, also what reads as a vote: only a seat can have voted.
    function test_RevertWhen_TheVoterHasNoSeat() public {
        address outsider = outsiderOf(0);
        IAccusations.RoundProof memory proof = roundProof();
        IAccusations.Statement memory said = statement(0);
        IAccusations.VoteProof memory vote = voteOf(false);
        bytes memory refusal = abi.encodeWithSelector(IAccusations.Accusations_NotItsVote.selector, outsider, 0);
        vm.expectRevert(refusal);
        vm.prank(challenger);
        accusations.accuseVote(TASK, ROUND, outsider, said, vote, proof, 0, BLOB, 0);

        ICourt.Facts memory facts = votedFor(challenger, seat, ROUND, false);
        accuse(facts);
        vm.expectRevert(refusal);
        accusations.accuseVoter(1, facts, outsider, said, vote, proof);
    }

    /// @dev A validator without a seat in a committee.
    // ---- more voters

    function test_OtherVotersForTheSameHashJoinACaseWithoutABond() public {
        ICourt.Facts memory facts = votedFor(challenger, seat, ROUND, false);
        accuse(facts);
        address other = committeeOf(0, ROUND)[4];
        uint256 balance = assay.balanceOf(address(court));

        vm.expectEmit(address(court));
        emit ICourt.DefendantAdded(1, other);
        vm.prank(stranger);
        addVoter(1, facts, other);

        assertEq(court.baseOf(1, other), baseOf(other));
        assertEq(rounds.openCases(TASK, other), 1);
        assertEq(assay.balanceOf(address(court)), balance);
        expectVoterRefused(facts, other, abi.encodeWithSelector(ICourt.Court_AlreadyADefendant.selector, 1, other));
        expectVoterRefused(facts, seat, abi.encodeWithSelector(ICourt.Court_AlreadyADefendant.selector, 1, seat));
    }

    function test_RevertWhen_AnotherVoterVotedOtherwise() public {
        ICourt.Facts memory facts = votedFor(challenger, seat, ROUND, false);
        accuse(facts);
        address other = committeeOf(0, ROUND)[4];
        IAccusations.RoundProof memory proof = roundProof();
        IAccusations.Statement memory said = statement(0);
        IAccusations.VoteProof memory vote = voteOf(true);
        vm.expectRevert(abi.encodeWithSelector(IAccusations.Accusations_NotItsVote.selector, other, ROOT));
        accusations.accuseVoter(1, facts, other, said, vote, proof);
        facts.accused = "another hash";
        expectVoterRefused(
            facts,
            other,
            abi.encodeWithSelector(IAccusations.Accusations_NotItsVote.selector, other, 0)
        );
    }

    function test_RevertWhen_AVoterJoinsACaseOfAnotherKindOrAfterItsVerdict() public {
        joinJury(4, 256);
        ICourt.Facts memory facts = score(challenger, seat, ROUND);
        accuse(facts);
        vm.expectRevert(abi.encodeWithSelector(ICourt.Court_WrongKind.selector, 1, ICourt.CaseKind.FalseScore));
        vm.prank(address(accusations));
        court.addDefendant(1, facts, stranger, 1, 0);

        facts = votedFor(challenger, seat, ROUND, false);
        accuse(facts);
        judge(2, TRUTH);
        conclude(2, facts);
        expectVoterRefused(
            facts,
            committeeOf(0, ROUND)[4],
            abi.encodeWithSelector(ICourt.Court_HasVerdict.selector, 2, ICourt.Verdict.Guilty)
        );
    }

    // ---- refusals

    function outOfRange(string memory what, uint256 position, uint256 count) private pure returns (bytes memory) {
        return abi.encodeWithSelector(IAccusations.Accusations_OutOfRange.selector, what, position, count);
    }

    function wrongStatement(bytes32 given, bytes32 stored) private pure returns (bytes memory) {
        return abi.encodeWithSelector(IAccusations.Accusations_WrongStatement.selector, given, stored);
    }

    function expectScoreRefused(
        IAccusations.Statement memory said,
        uint256 index,
        uint256 member,
        bytes memory refusal
    ) private {
        IAccusations.RoundProof memory proof = roundProof();
        vm.expectRevert(refusal);
        vm.prank(challenger);
        accusations.accuseScore(TASK, ROUND, seat, said, index, member, proof, BLOB, 0);
    }

    function expectProofRefused(IAccusations.RoundProof memory proof, bytes memory refusal) private {
        IAccusations.Statement memory said = statement(0);
        vm.expectRevert(refusal);
        vm.prank(challenger);
        accusations.accuseScore(TASK, ROUND, seat, said, 0, 0, proof, BLOB, 0);
    }

    function expectVoteRefused(
        IAccusations.Statement memory said,
        IAccusations.VoteProof memory vote,
        uint8 attempt,
        bytes memory refusal
    ) private {
        IAccusations.RoundProof memory proof = roundProof();
        vm.expectRevert(refusal);
        vm.prank(challenger);
        accusations.accuseVote(TASK, ROUND, seat, said, vote, proof, attempt, BLOB, 0);
    }

    function expectVoterRefused(ICourt.Facts memory facts, address validator, bytes memory refusal) private {
        IAccusations.RoundProof memory proof = roundProof();
        IAccusations.Statement memory said = statement(0);
        IAccusations.VoteProof memory vote = voteOf(false);
        uint256 caseId = court.caseCount();
        vm.expectRevert(refusal);
        accusations.accuseVoter(caseId, facts, validator, said, vote, proof);
    }
}
