using Unlearn.MLNet;
using Unlearn.Transforms;

namespace Unlearn.Examples.ErasureRequests;

/// <summary>One policy on the whole stream: what it does, what that costs, and what remains of the rows when their requests are done.</summary>
/// <param name="world">Rows, models and stream.</param>
/// <param name="audit">What the policy can find out.</param>
/// <param name="judge">What is found out about it; it costs the policy nothing.</param>
/// <param name="policy">The policy.</param>
/// <param name="cancellationToken">Stops between two batches.</param>
internal sealed class Simulation(ErasureWorld world, Audit audit, Judge judge, ErasurePolicy policy, CancellationToken cancellationToken)
{
    private readonly List<StreamRequest> _waiting = [];
    private readonly List<DoneRequest> _done = [];
    private UnlearnedModel? _unlearned;
    private int _now;
    private double _seconds;
    private double _predictionSeconds;
    private (int Retrainings, int Unlearnings, int Audits, int Failures) _counts;

    /// <summary>The model in use.</summary>
    public ITarget Model { get; private set; } = world.Target.Value;

    /// <summary>When the last retraining was, in requests.</summary>
    public int RetrainedAt { get; private set; } = ErasureWorld.Start;

    /// <summary>Processor seconds of unlearning since the last retraining.</summary>
    public double UnlearningSeconds { get; private set; }

    /// <summary>The rows, models and requests.</summary>
    public ErasureWorld World => world;

    /// <summary>Whether a retraining is scheduled: requests that wait until it cost nothing more.</summary>
    public bool IsRetrainingScheduled => _waiting.Count > 0;

    public CancellationToken CancellationToken => cancellationToken;

    /// <summary>Runs the policy.</summary>
    public PolicyOutcome Run()
    {
        try
        {
            for (_now = 0; _now < world.Stream.Count || _waiting.Count > 0; _now++)
            {
                cancellationToken.ThrowIfCancellationRequested();
                if (_now < world.Stream.Count)
                    Receive(world.Stream[_now]);
                if (_waiting.Exists(request => request.Due <= _now))
                    Retrain();
            }
            return Outcome();
        }
        finally
        {
            _unlearned?.Dispose();
        }
    }

    /// <summary>Charges processor seconds of predictions.</summary>
    public void ChargePrediction(double seconds)
    {
        _seconds += seconds;
        _predictionSeconds += seconds;
    }

    /// <summary>Residual memory that the judge finds in a model: for the oracle alone.</summary>
    public bool IsErasedFrom(ITarget model, StreamRequest request) => Audit.Passes(judge.Memory(model, request.Rows, request.Number), judge.Tolerance);

    private void Receive(StreamRequest request)
    {
        var route = policy.Choose(request, this);
        if (route.IsWaiting)
        {
            _waiting.Add(request);
            if (route.IsRetraining)
                Retrain();
            return;
        }
        if (route.Unlearner is { } unlearner)
            Unlearn(unlearner, request);
        if (policy.Audits)
        {
            var passes = audit.Passes(Model, request.Rows);
            _seconds += passes.Seconds;
            _counts.Audits++;
            if (!passes.Value)
            {
                _counts.Failures++;
                _waiting.Add(request);
                if (policy.RetrainsOnFailure)
                    Retrain();
                return;
            }
        }
        Finish(request, route.Unlearner?.Name ?? Route.NothingName);
    }

    private void Unlearn(IUnlearner unlearner, StreamRequest request)
    {
        var unlearned = world.Unlearn(unlearner, Model, request, cancellationToken);
        _unlearned?.Dispose();
        (_unlearned, Model) = (unlearned.Value, unlearned.Value.Model);
        _seconds += unlearned.Seconds;
        UnlearningSeconds += unlearned.Seconds;
        _counts.Unlearnings++;
    }

    private void Retrain()
    {
        var time = Math.Min(_now, world.Stream.Count - 1);
        var retrained = world.RetrainedAt(time, cancellationToken);
        _unlearned?.Dispose();
        (_unlearned, Model, RetrainedAt, UnlearningSeconds) = (null, retrained.Value, time, 0);
        _seconds += retrained.Seconds;
        _counts.Retrainings++;
        if (time < world.Stream.Count - 1)
            ChargePrediction(policy.SecondsAfterRetraining(time, cancellationToken));
        _waiting.ForEach(request => Finish(request, Route.RetrainingName));
        _waiting.Clear();
    }

    private void Finish(StreamRequest request, string method) => _done.Add(new(request, _now, method, judge.Deviations(Model, request.Rows, _now)));

    private PolicyOutcome Outcome()
    {
        int[] all = [.. world.Stream.SelectMany(request => request.Rows).Order()];
        return new()
        {
            Policy = policy.Name,
            Seconds = _seconds,
            PredictionSeconds = _predictionSeconds,
            Retrainings = _counts.Retrainings,
            Unlearnings = _counts.Unlearnings,
            Audits = _counts.Audits,
            AuditFailures = _counts.Failures,
            Requests = [.. _done.OrderBy(request => request.Request.Number)],
            MemoryAtEnd = judge.Memory(Model, all, world.Stream.Count - 1).Average(),
            TestAccuracy = world.TestAccuracy(Model),
        };
    }
}
