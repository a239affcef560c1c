// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IAccusations} from "./IAccusations.sol";

/// @title Accusations of two statements for one slot
/// @notice Part of {IAccusations}. A validator that lets others send its statements can sign two for one slot, one for
/// each part of the network. Two signatures prove that; nothing else is needed.
///
/// Only keys sign: a contract wallet's ERC-1271 answer can change after the fact, so what it accepts proves nothing and
/// isn't taken.
interface IStatementAccusations {
    /// @notice Two different values signed for one slot.
    /// @param kind 1: a vote; 2: a commitment to sheets
    /// @param slot of a vote the cohort, type(uint32).max for the next model; of sheets the attempt
    /// @param first value
    /// @param second value, another one
    /// @param firstSignature 65 bytes: r, s in the lower half, v of 27 or 28
    /// @param secondSignature of the second value, by the same key
    struct TwoStatements {
        uint8 kind;
        uint32 slot;
        bytes32 first;
        bytes32 second;
        bytes firstSignature;
        bytes secondSignature;
    }

    /// @notice No validator signs statements of this kind.
    /// @param kind given
    error Accusations_UnknownStatement(uint8 kind);
    /// @notice Both signatures are of one value: that is no contradiction.
    /// @param value signed
    error Accusations_SameStatement(bytes32 value);
    /// @notice The two signatures are of different accounts, or of another chain, contract, task, round or slot.
    /// @param first signer of the first value
    /// @param second signer of the second one
    error Accusations_OtherSigner(address first, address second);

    /// @notice Accuses a validator of having signed two values for one slot. The chain decides at once. Anyone, as long as
    /// cases can be opened about the round.
    /// @param taskId the task
    /// @param round a sealed round
    /// @param statements both
    /// @param proof the record of the round, with the weight of the signer
    /// @param salt of the caller's commitment, see {IAccusations.commit}
    /// @return caseId its number
    function accuseTwoStatements(
        uint64 taskId,
        uint32 round,
        TwoStatements calldata statements,
        IAccusations.RoundProof calldata proof,
        bytes32 salt
    ) external returns (uint256 caseId);
}
