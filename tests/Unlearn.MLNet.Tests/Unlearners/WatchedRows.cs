using System.Collections.Concurrent;
using Unlearn.Transforms;

namespace Unlearn.MLNet.Tests.Unlearners;

/// <summary>Fine-tuning that notes whether the features of the rows that it is given are in a file.</summary>
internal sealed class WatchedRows : IUnlearner
{
    private readonly FineTuning _inner = new();

    public ConcurrentBag<bool> AreStored { get; } = [];

    public string Name => _inner.Name;

    public string Specification => _inner.Specification;

    public bool IsExact => _inner.IsExact;

    public UnlearnedModel Unlearn(UnlearningRequest request, CancellationToken cancellationToken)
    {
        AreStored.Add(IsStored(request.Rows));
        return _inner.Unlearn(request, cancellationToken);
    }

    private static bool IsStored(TrainingRows rows)
    {
        try
        {
            _ = rows.Features;
            return false;
        }
        catch (InvalidOperationException)
        {
            return true;
        }
    }
}
