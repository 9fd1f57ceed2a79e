namespace Unlearn.Cli.Commands;

/// <summary>How a check came out.</summary>
internal enum CheckState
{
    Fine,

    /// <summary>It works, and could work better.</summary>
    Slow,

    Fails,
}

/// <summary>Something that was checked of the machine.</summary>
/// <param name="Name">What was checked.</param>
/// <param name="State">How it came out.</param>
/// <param name="Found">What was found.</param>
/// <param name="Cure">What to do; empty if nothing is to be done.</param>
internal sealed record MachineCheck(string Name, CheckState State, string Found, string Cure = "");
