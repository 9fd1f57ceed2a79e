using Xunit;

namespace Unlearn.MLNet.Tests.Trials;

/// <summary>Tests that look at Torch's process-wide number of threads, and so run apart from all others.</summary>
[CollectionDefinition(nameof(TorchThreads), DisableParallelization = true)]
public sealed class TorchThreads;
