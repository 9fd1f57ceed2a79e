using Unlearn.MLNet;

namespace Unlearn.Hosting;

/// <summary>Settings of an <see cref="ErasureService"/>, bound to a section of the configuration.</summary>
public sealed class ErasureServiceOptions
{
    /// <summary>Folder of the workspace, which <c>ErasureWorkspace.Create</c> has made.</summary>
    public string Folder { get; set; } = "";

    /// <summary>What is accepted of an erasure, and when the model may be retrained.</summary>
    /// <value>Default that of <see cref="ErasurePolicy"/>.</value>
    public ErasurePolicy Policy { get; set; } = new();

    /// <summary>How often the background service looks whether a retraining is due, above 0 and at most a day. New requests are served without delay.</summary>
    /// <value>Default one minute.</value>
    public TimeSpan Interval { get; set; } = TimeSpan.FromMinutes(1);

    /// <summary>Whether <see cref="ErasureWorkspace.Purge"/> follows when requests were completed. It cleans the derived files of your options, too.</summary>
    /// <value>Default <see langword="true"/>.</value>
    public bool Purges { get; set; } = true;
}
