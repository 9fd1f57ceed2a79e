using Unlearn.Distributed;

namespace Unlearn.Distributed.TestWorker;

/// <summary>A store that is away.</summary>
public sealed class Unreadable : IBlobStore
{
    /// <summary>The variable of a worker that has such a store.</summary>
    public const string Variable = "UNLEARN_TEST_UNREADABLE";

    /// <inheritdoc/>
    public bool Contains(string hash) => throw Away;

    /// <inheritdoc/>
    public void Put(string hash, Stream content) => throw Away;

    /// <inheritdoc/>
    public Stream Open(string hash) => throw Away;

    private static IOException Away => new("The network is away.");
}
