// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

/// @title A source of randomness that nobody knew when it was asked for
/// @notice `request` fixes which future value counts; `read` tells it once it exists. A value that was lost is reported as
/// expired and is never drawn again by choice.
interface IBeacon {
    /// @notice Pending: the value doesn't exist yet. Ready: it does. Expired: it can no longer be proven.
    enum Status {
        Pending,
        Ready,
        Expired
    }

    /// @notice Fixes the identifier of a value that does not exist yet.
    /// @return requestId what `read` takes later
    function request() external returns (uint64 requestId);

    /// @notice The state of a value and, when it is ready, the value.
    /// @param requestId an identifier from `request`
    /// @return status Pending until the value exists, Expired once it can no longer be proven
    /// @return value 32 random bytes, zero unless ready
    function read(uint64 requestId) external view returns (Status status, bytes32 value);
}
