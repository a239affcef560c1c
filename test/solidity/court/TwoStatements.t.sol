// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IAccusations} from "../../../contracts/interfaces/IAccusations.sol";
import {ICourt} from "../../../contracts/interfaces/ICourt.sol";
import {IStakeRegistry} from "../../../contracts/interfaces/IStakeRegistry.sol";
import {IStatementAccusations} from "../../../contracts/interfaces/IStatementAccusations.sol";
import {SignedStatements} from "../../../contracts/libraries/SignedStatements.sol";
import {SlashReasons} from "../../../contracts/libraries/SlashReasons.sol";
import {CourtEvidence} from "../fixtures/CourtEvidence.sol";
import {EvidenceDouble} from "../fixtures/EvidenceDouble.sol";
import {vm} from "../fixtures/Vm.sol";

/// Two signatures of one validator for one slot. Its base is 200 ASSAY.
contract TwoStatementsTest is CourtEvidence {
    /// The order of the curve.
    uint256 private constant ORDER = 0xfffffffffffffffffffffffffffffffebaaedce6af48a03bbfd25e8cd0364141;
    uint256 private constant BOND = 10 ether;

    IStatementAccusations private statements;
    address private signer;

    function setUp() public override {
        super.setUp();
        statements = IStatementAccusations(address(accusations));
        signer = accountOf("signer");
        giveStake(signer, 3 * LEAST_STAKE);
        rounds.setRound(
            TASK,
            ROUND,
            EvidenceDouble.Ended({
                record: recordOf(withSigner(), ROUND),
                submissions: CONTRIBUTORS,
                beacon: beaconOf(ROUND),
                openedAt: block.timestamp - 1_000,
                closedAt: block.timestamp
            })
        );
    }

    /// @dev The record of a round in whose roster the signer has the first place.
    function withSigner() private view returns (IAccusations.RoundProof memory proof) {
        proof = roundProof();
        proof.validators[0] = signer;
    }

    function slotOf(uint8 kind, uint32 slot) private pure returns (SignedStatements.Slot memory) {
        return SignedStatements.Slot(kind, TASK, ROUND, slot);
    }

    function signed(
        string memory name,
        SignedStatements.Slot memory slot,
        bytes32 value
    ) private view returns (bytes memory) {
        return signedOn(block.chainid, address(rounds), name, slot, value);
    }

    function signedOn(
        uint256 chainId,
        address contract_,
        string memory name,
        SignedStatements.Slot memory slot,
        bytes32 value
    ) private pure returns (bytes memory) {
        bytes32 digest = SignedStatements.digestOf(chainId, contract_, slot, value);
        (uint8 v, bytes32 r, bytes32 s) = vm.sign(keyOf(name), digest);
        return abi.encodePacked(r, s, v);
    }

    /// @dev Two votes of the signer on the aggregate of cohort 0.
    function twoVotes() private view returns (IStatementAccusations.TwoStatements memory said) {
        (said.kind, said.slot, said.first, said.second) = (1, 0, "one", "another");
        said.firstSignature = signed("signer", slotOf(1, 0), "one");
        said.secondSignature = signed("signer", slotOf(1, 0), "another");
    }

    function accuseTwo(IStatementAccusations.TwoStatements memory said) private returns (uint256) {
        IAccusations.RoundProof memory proof = withSigner();
        commitTo(ICourt.CaseKind.TwoStatements, challenger, signer, ROUND);
        bytes32 salt = lastSalt();
        vm.prank(challenger);
        return statements.accuseTwoStatements(TASK, ROUND, said, proof, salt);
    }

    function factsOf(IStatementAccusations.TwoStatements memory said) private view returns (ICourt.Facts memory facts) {
        (facts.kind, facts.taskId, facts.round) = (ICourt.CaseKind.TwoStatements, TASK, ROUND);
        (facts.subject, facts.accused, facts.context) = (said.slot, said.first, said.second);
        (facts.challenger, facts.bond) = (challenger, uint96(BOND));
        (facts.defendant, facts.base) = (signer, uint96(LEAST_STAKE));
        facts.committedAt = uint64(block.number);
    }

    // ---- decided at once

    function test_TwoValuesForOneSlotCostTheWholeBase() public {
        IStatementAccusations.TwoStatements memory said = twoVotes();
        ICourt.Facts memory facts = factsOf(said);
        uint256 caseId = accuseTwo(said);
        assertEq(bytes32(court.caseOf(caseId).factsHash), bytes32(bytes21(keccak256(abi.encode(facts)))));
        assertEq(beacon.requests(), 0);

        vm.expectEmit(address(court));
        emit ICourt.VerdictReached(caseId, ICourt.Verdict.Guilty, 0, block.timestamp + GUARDIAN);
        vm.prank(stranger);
        court.conclude(caseId, facts);
        skip(GUARDIAN);
        uint256 reward = (LEAST_STAKE * 2) / 5;
        vm.expectEmit(address(registry));
        emit IStakeRegistry.Slashed(signer, TASK, LEAST_STAKE, LEAST_STAKE, reward, SlashReasons.TWO_STATEMENTS);
        court.execute(caseId, facts);
        assertEq(court.owedTo(challenger), BOND + reward);
        assertEq(stakeOf(signer), 2 * LEAST_STAKE);

        bytes32 offence = keccak256(abi.encode(ICourt.CaseKind.TwoStatements, TASK, ROUND, signer));
        expectRefused(said, abi.encodeWithSelector(ICourt.Court_OffenceDecided.selector, offence));
    }

    /// Like all others: who copies an accusation commits later.
    function test_RevertWhen_NobodyCommittedToIt() public {
        bytes32 digest = keccak256(
            abi.encode(
                block.chainid,
                address(accusations),
                challenger,
                ICourt.CaseKind.TwoStatements,
                TASK,
                ROUND,
                signer,
                bytes32(0)
            )
        );
        expectRefused(twoVotes(), abi.encodeWithSelector(IAccusations.Accusations_NotCommitted.selector, digest, 0, 0));
    }

    function test_SheetsOfOneAttemptAreASlotToo() public {
        IStatementAccusations.TwoStatements memory said = twoVotes();
        (said.kind, said.slot) = (2, 1);
        said.firstSignature = signed("signer", slotOf(2, 1), "one");
        said.secondSignature = signed("signer", slotOf(2, 1), "another");
        assertEq(accuseTwo(said), 1);
    }

    function test_RevertWhen_NobodySits() public {
        IStatementAccusations.TwoStatements memory said = twoVotes();
        ICourt.Facts memory facts = factsOf(said);
        uint256 caseId = accuseTwo(said);
        vm.expectRevert(abi.encodeWithSelector(ICourt.Court_WrongKind.selector, caseId, facts.kind));
        court.appeal(caseId, facts);
    }

    // ---- refusals

    function expectRefused(IStatementAccusations.TwoStatements memory said, bytes memory refusal) private {
        IAccusations.RoundProof memory proof = withSigner();
        vm.expectRevert(refusal);
        vm.prank(challenger);
        statements.accuseTwoStatements(TASK, ROUND, said, proof, 0);
    }

    function test_RevertWhen_BothSayTheSame() public {
        IStatementAccusations.TwoStatements memory said = twoVotes();
        (said.second, said.secondSignature) = (said.first, said.firstSignature);
        expectRefused(
            said,
            abi.encodeWithSelector(IStatementAccusations.Accusations_SameStatement.selector, said.first)
        );
    }

    function test_RevertWhen_TheKindIsUnknown() public {
        for (uint8 kind = 0; kind < 4; ++kind) {
            if (kind == 1 || kind == 2) continue;
            IStatementAccusations.TwoStatements memory said = twoVotes();
            said.kind = kind;
            said.firstSignature = signed("signer", slotOf(kind, 0), "one");
            said.secondSignature = signed("signer", slotOf(kind, 0), "another");
            expectRefused(
                said,
                abi.encodeWithSelector(IStatementAccusations.Accusations_UnknownStatement.selector, kind)
            );
        }
    }

    /// What was signed by another key, or for another place, recovers another account.
    function test_RevertWhen_ASignatureIsOfAnotherKeyOrPlace() public {
        for (uint256 i = 0; i < 8; ++i) {
            IStatementAccusations.TwoStatements memory said = twoVotes();
            SignedStatements.Slot memory slot = slotOf(1, 0);
            (uint256 chainId, address contract_, string memory name) = (block.chainid, address(rounds), "signer");
            if (i == 0) name = "somebody else";
            if (i == 1) chainId += 1;
            if (i == 2) contract_ = address(accusations);
            if (i == 3) slot.taskId += 1;
            if (i == 4) slot.round += 1;
            if (i == 5) slot.slot = type(uint32).max;
            if (i == 6) slot.kind = 2;
            bytes32 value = i == 7 ? bytes32("a third") : said.second;
            said.secondSignature = signedOn(chainId, contract_, name, slot, value);
            address other = recovered(said.secondSignature, said.second);
            assertNotEq(other, signer);
            expectRefused(
                said,
                abi.encodeWithSelector(IStatementAccusations.Accusations_OtherSigner.selector, signer, other)
            );
        }
    }

    /// @dev Whom a signature belongs to if it was for the slot that the case is about.
    function recovered(bytes memory signature, bytes32 value) private view returns (address) {
        bytes32 digest = SignedStatements.digestOf(block.chainid, address(rounds), slotOf(1, 0), value);
        (bytes32 r, bytes32 s, uint8 v) = partsOf(signature);
        return ecrecover(digest, v, r, s);
    }

    function partsOf(bytes memory signature) private pure returns (bytes32 r, bytes32 s, uint8 v) {
        assembly ("memory-safe") {
            r := mload(add(signature, 0x20))
            s := mload(add(signature, 0x40))
            v := byte(0, mload(add(signature, 0x60)))
        }
    }

    /// The second form of a signature, an odd length, another v, a signature of nobody.
    function test_RevertWhen_ASignatureIsMalformed() public {
        IStatementAccusations.TwoStatements memory said = twoVotes();
        (bytes32 r, bytes32 s, uint8 v) = partsOf(said.secondSignature);
        bytes32 flipped = bytes32(ORDER - uint256(s));
        said.secondSignature = abi.encodePacked(r, flipped, v == 27 ? uint8(28) : uint8(27));
        expectRefused(said, abi.encodeWithSignature("ECDSAInvalidSignatureS(bytes32)", flipped));
        said.secondSignature = abi.encodePacked(r, s);
        expectRefused(said, abi.encodeWithSignature("ECDSAInvalidSignatureLength(uint256)", 64));
        said.secondSignature = abi.encodePacked(r, s, v, v);
        expectRefused(said, abi.encodeWithSignature("ECDSAInvalidSignatureLength(uint256)", 66));
        bytes memory invalid = abi.encodeWithSignature("ECDSAInvalidSignature()");
        said.secondSignature = abi.encodePacked(r, s, v - 27);
        expectRefused(said, invalid);
        said.secondSignature = abi.encodePacked(bytes32(0), bytes32(0), v);
        expectRefused(said, invalid);
        // Of both: two signatures of nobody don't accuse the zero address.
        said.firstSignature = said.secondSignature;
        expectRefused(said, invalid);
    }

    function test_RevertWhen_TheSignerHasNoWeight() public {
        IStatementAccusations.TwoStatements memory said = twoVotes();
        said.firstSignature = signed("somebody else", slotOf(1, 0), "one");
        said.secondSignature = signed("somebody else", slotOf(1, 0), "another");
        expectRefused(
            said,
            abi.encodeWithSelector(IAccusations.Accusations_NotInRoster.selector, accountOf("somebody else"))
        );
    }

    function test_RevertWhen_TheRecordIsAnotherOrTheRoundFinal() public {
        IStatementAccusations.TwoStatements memory said = twoVotes();
        IAccusations.RoundProof memory proof = roundProof();
        uint224 stored = recordOf(withSigner(), ROUND);
        vm.expectRevert(
            abi.encodeWithSelector(IAccusations.Accusations_WrongRecord.selector, recordOf(proof, ROUND), stored)
        );
        vm.prank(challenger);
        statements.accuseTwoStatements(TASK, ROUND, said, proof, 0);

        uint256 closedAt = block.timestamp;
        skip(1_000);
        expectRefused(
            said,
            abi.encodeWithSelector(
                IAccusations.Accusations_RoundNotOpenToCases.selector,
                TASK,
                ROUND,
                closedAt,
                closedAt + 1_000
            )
        );
    }
}
