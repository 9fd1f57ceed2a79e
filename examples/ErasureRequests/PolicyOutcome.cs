namespace Unlearn.Examples.ErasureRequests;

/// <summary>What a policy cost, and what remained.</summary>
internal sealed record PolicyOutcome
{
    public required string Policy { get; init; }

    /// <summary>Processor seconds of retraining, unlearning, predictions, and looking at audited rows; without set-up.</summary>
    public required double Seconds { get; init; }

    /// <summary>Part of <see cref="Seconds"/> that went into factors and predictions.</summary>
    public required double PredictionSeconds { get; init; }

    public required int Retrainings { get; init; }

    public required int Unlearnings { get; init; }

    /// <summary>Audited requests.</summary>
    public required int Audits { get; init; }

    public required int AuditFailures { get; init; }

    /// <summary>The requests, in the order of their numbers.</summary>
    public required IReadOnlyList<DoneRequest> Requests { get; init; }

    /// <summary>Mean residual memory of all requested rows in the last model.</summary>
    public required double MemoryAtEnd { get; init; }

    /// <summary>Test accuracy of the last model, in [0, 1].</summary>
    public required double TestAccuracy { get; init; }

    /// <summary>Residual memory of every erased row when its request was done, ascending.</summary>
    public double[] Memories => [.. Requests.SelectMany(request => request.Memories).Order()];

    /// <summary>Share of the requests that were done without retraining, in [0, 1].</summary>
    public double ShareWithoutRetraining => Requests.Count(request => request.Method != Route.RetrainingName) / (double)Requests.Count;

    /// <summary>Share of erased rows above a tolerance, in [0, 1]: of all, or of those that were not retrained away; NaN if there are none.</summary>
    public double ShareAbove(double tolerance, bool isWithoutRetraining = false)
    {
        var memories = Requests.Where(request => !isWithoutRetraining || request.Method != Route.RetrainingName)
            .SelectMany(request => request.Memories).ToList();
        return memories.Count == 0 ? double.NaN : memories.Count(memory => memory > tolerance) / (double)memories.Count;
    }

    /// <summary>Share of erased rows as far below retrained models as the tolerance is above them, in [0, 1]: they are erased too much.</summary>
    public double ShareBelow(double tolerance) =>
        Requests.SelectMany(request => request.Deviations).Count(deviation => deviation < -tolerance) / (double)Memories.Length;

    /// <summary>Processor seconds, if each audit takes models of its own.</summary>
    public double SecondsWithAudits(double auditSeconds) => Seconds + Audits * auditSeconds;
}
