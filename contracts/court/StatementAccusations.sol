// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {ECDSA} from "@openzeppelin/contracts/utils/cryptography/ECDSA.sol";
import {IAccusations} from "../interfaces/IAccusations.sol";
import {ICourt} from "../interfaces/ICourt.sol";
import {IStatementAccusations} from "../interfaces/IStatementAccusations.sol";
import {SignedStatements} from "../libraries/SignedStatements.sol";

/// @title Accusations of two statements for one slot
/// @notice See {IStatementAccusations}.
abstract contract StatementAccusations is IStatementAccusations {
    /// @inheritdoc IStatementAccusations
    function accuseTwoStatements(
        uint64 taskId,
        uint32 round,
        TwoStatements calldata statements,
        IAccusations.RoundProof calldata proof,
        bytes32 salt
    ) external returns (uint256 caseId) {
        ICourt.Facts memory facts;
        (facts.kind, facts.taskId, facts.round) = (ICourt.CaseKind.TwoStatements, taskId, round);
        (facts.challenger, facts.defendant) = (msg.sender, _signerOf(taskId, round, statements));
        (facts.subject, facts.accused, facts.context) = (statements.slot, statements.first, statements.second);

        return _openByRecord(facts, proof, salt);
    }

    /// @dev Sets the base of the defendant's penalty by the record of the round, and opens the case.
    function _openByRecord(
        ICourt.Facts memory facts,
        IAccusations.RoundProof calldata proof,
        bytes32 salt
    ) internal virtual returns (uint256 caseId);

    /// @dev The contract that takes statements.
    function _takerOfStatements() internal view virtual returns (address);

    /// @dev Who signed both. A signature that isn't well formed reverts by the library's names; of the two forms that each
    /// has only the one with the lower s counts, so that one statement has one signature.
    function _signerOf(uint64 taskId, uint32 round, TwoStatements calldata said) private view returns (address signer) {
        if (said.kind != SignedStatements.VOTE && said.kind != SignedStatements.SHEETS) {
            revert Accusations_UnknownStatement(said.kind);
        }
        if (said.first == said.second) revert Accusations_SameStatement(said.first);
        SignedStatements.Slot memory slot = SignedStatements.Slot(said.kind, taskId, round, said.slot);
        signer = _recover(slot, said.first, said.firstSignature);
        address other = _recover(slot, said.second, said.secondSignature);
        if (other != signer) revert Accusations_OtherSigner(signer, other);
    }

    function _recover(
        SignedStatements.Slot memory slot,
        bytes32 value,
        bytes calldata signature
    ) private view returns (address) {
        bytes32 digest = SignedStatements.digestOf(block.chainid, _takerOfStatements(), slot, value);
        return ECDSA.recoverCalldata(digest, signature);
    }
}
