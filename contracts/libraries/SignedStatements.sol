// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

/// @title What validators sign when others send it
/// @notice The digest of a statement, as EIP-712 has it, in the domain of Rounds: signed for one chain and contract, it
/// says nothing on another. No statement is relayed yet. Twin: `sdk/protocol/signed-statements.ts`.
library SignedStatements {
    /// A vote on an aggregate or a model. Its slot is the cohort, type(uint32).max for the next model.
    uint256 internal constant VOTE = 1;
    /// The commitment to score sheets. Its slot is the attempt.
    uint256 internal constant SHEETS = 2;

    bytes32 private constant DOMAIN_TYPE_HASH = keccak256(
        "EIP712Domain(string name,string version,uint256 chainId,address verifyingContract)"
    );
    bytes32 private constant NAME_HASH = keccak256("Assay Rounds");
    bytes32 private constant VERSION_HASH = keccak256("1");
    bytes32 private constant TYPE_HASH = keccak256(
        "Statement(uint8 kind,uint64 taskId,uint32 round,uint32 slot,bytes32 value)"
    );

    /// @notice Where a statement counts: an account makes one for each slot.
    /// @param kind {VOTE} or {SHEETS}
    /// @param taskId the task
    /// @param round from 1
    /// @param slot of the kind
    struct Slot {
        uint8 kind;
        uint64 taskId;
        uint32 round;
        uint32 slot;
    }

    /// @notice What is signed.
    /// @param chainId of the chain
    /// @param rounds the contract that takes statements
    /// @param where the slot
    /// @param value said there
    /// @return digest for the signature
    function digestOf(
        uint256 chainId,
        address rounds,
        Slot memory where,
        bytes32 value
    ) internal pure returns (bytes32 digest) {
        bytes32 domain = keccak256(abi.encode(DOMAIN_TYPE_HASH, NAME_HASH, VERSION_HASH, chainId, rounds));
        bytes32 message = keccak256(abi.encode(TYPE_HASH, where.kind, where.taskId, where.round, where.slot, value));
        return keccak256(abi.encodePacked(hex"1901", domain, message));
    }
}
