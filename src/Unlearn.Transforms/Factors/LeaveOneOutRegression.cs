using TorchSharp;

namespace Unlearn.Transforms.Factors;

/// <summary>
/// What kernel ridge regression of the labels on the other training rows predicts of each row. How rows are scaled, the kernel's width and the ridge are those
/// with the least squared deleted residuals on some of the rows; no hardness is looked at.
/// </summary>
internal sealed class LeaveOneOutRegression : IFactorStatistic
{
    /// <summary>Landmarks at most.</summary>
    public const int MostLandmarks = 4096;

    private const int MostRowsToChooseBy = 1000;
    private const string Deleted = "deleted";
    private const string Landmarks = "landmarks";
    private const string Coefficients = "coefficients";
    private const string ClassShares = "class-shares";

    /// <summary>Entry of what features are divided by; there is none of tokens.</summary>
    public const string Scales = "scales";

    /// <summary>Entry of the kernel's width.</summary>
    public const string Width = "width";

    /// <summary>Entry of the ridge.</summary>
    public const string Ridge = "ridge";

    /// <summary>Widths that are tried, relative to the median distance.</summary>
    public static readonly float[] RelativeWidths = [0.5f, 1, 2];

    /// <summary>Ridges that are tried.</summary>
    public static readonly float[] Ridges = [1e-3f, 1e-2f, 1e-1f, 1, 10];

    private LeaveOneOutRegression() { }

    public static LeaveOneOutRegression Instance { get; } = new();

    public string Name => "LeaveOneOut";

    // Rows come in the order of their keys, which are hashes: the first ones are a random sample.
    public IReadOnlyDictionary<string, torch.Tensor> Fit(FactorTraining training)
    {
        using var noGrad = torch.no_grad();
        var (landmarks, labels, keys, areTokens) = Read(training);
        var shares = labels.bincount(null, training.Target.ClassCount).to(torch.float64) / training.RowCount;
        var state = TrainingRowKeys.Entries(keys, labels);
        state[Landmarks] = landmarks;
        var choice = Choose(areTokens ? KernelPoints.OfTokens(landmarks) : landmarks, labels, shares);
        state[ClassShares] = shares.to(torch.float32);
        state[Width] = torch.tensor(choice.Width);
        state[Ridge] = torch.tensor(choice.Ridge);
        if (!areTokens)
            state[Scales] = choice.Scales;

        var regression = new KernelRidge(LandmarkPoints(state), choice.Width, choice.Ridge, training.Target.ClassCount);
        ForEach((points, outputs, _) => regression.Add(points, outputs));
        state[Coefficients] = regression.Coefficients().to(torch.float32);
        var deleted = torch.zeros(training.RowCount, training.Target.ClassCount);
        ForEach((points, outputs, start) => deleted.narrow(0, start, points.shape[0]).copy_(regression.Deleted(points, outputs) + shares));
        state[Deleted] = deleted;
        return state;

        void ForEach(Action<torch.Tensor, torch.Tensor, long> use)
        {
            long start = 0;
            foreach (var batch in training.Batches)
            {
                use(Points(state, batch.Features), Centred(batch.Labels, shares), start);
                start += batch.Count;
            }
        }
    }

    /// <summary>1 − r_y of each row: without the row where it is a training row.</summary>
    public torch.Tensor Residuals(FactorBatch batch)
    {
        var state = batch.State(this);
        var own = TrainingRowKeys.Find(state, batch);
        var predictions = state[Deleted].index_select(0, own.clamp_min(0));
        var unknown = own.lt(0).nonzero().flatten();
        if (unknown.shape[0] > 0)
        {
            var kernel = KernelRidge.Kernel(Points(state, batch.Features.index_select(0, unknown)), LandmarkPoints(state), state[Width].item<float>());
            predictions.index_copy_(0, unknown, (kernel.matmul(state[Coefficients].to(torch.float64)) + state[ClassShares]).to(torch.float32));
        }
        return 1 - predictions.gather(1, batch.Labels.unsqueeze(1)).squeeze(1);
    }

    private static (torch.Tensor Landmarks, torch.Tensor Labels, long[] Keys, bool AreTokens) Read(FactorTraining training)
    {
        torch.Tensor? landmarks = null;
        var labels = torch.zeros([training.RowCount], torch.ScalarType.Int64);
        var keys = new long[training.RowCount];
        var areTokens = false;
        long start = 0;
        foreach (var batch in training.Batches)
        {
            if (landmarks is null)
                areTokens = batch.ReadsTokens;
            var rows = areTokens ? batch.Features : KernelPoints.OfFeatures(batch.Features);
            if (!rows.isfinite().all().item<bool>())
                throw new InvalidOperationException($"A feature among training rows {start} to {start + batch.Count - 1} is NaN or infinite, so {nameof(HardnessFactors.DeletedResidual)} cannot compare them: replace missing values, or leave the factor out.");
            landmarks ??= torch.zeros(Math.Min(training.RowCount, MostLandmarks), rows.shape[1]).DetachFromDisposeScope();
            if (Math.Min(batch.Count, landmarks.shape[0] - start) is var count && count > 0)
                landmarks.narrow(0, start, count).copy_(rows.narrow(0, 0, count));
            labels.narrow(0, start, batch.Count).copy_(batch.Labels);
            batch.RowKeys.data<long>().CopyTo(keys, (int)start);
            start += batch.Count;
        }
        return (landmarks!, labels, keys, areTokens);
    }

    private static (torch.Tensor Scales, float Width, float Ridge) Choose(torch.Tensor points, torch.Tensor labels, torch.Tensor shares)
    {
        using var scope = torch.NewDisposeScope();
        points = points.narrow(0, 0, Math.Min(points.shape[0], MostRowsToChooseBy));
        var outputs = Centred(labels.narrow(0, 0, points.shape[0]), shares);
        // A coordinate that hardly ever moves is not blown up.
        var variances = points.var(0);
        torch.Tensor[] scalings = [torch.ones(points.shape[1]), (variances + variances.median()).sqrt()];
        (torch.Tensor Scales, float Width, float Ridge, double Error) best = (scalings[0], 1, 1, double.PositiveInfinity);
        foreach (var scales in scalings.Where(scales => scales.gt(0).all().item<bool>()))
        {
            var distances = torch.cdist((points / scales).to(torch.float64), (points / scales).to(torch.float64));
            var median = distances.median().item<double>();
            foreach (var width in RelativeWidths.Select(relative => relative * (median > 0 ? (float)median : 1)))
                foreach (var ridge in Ridges)
                    if (MeanSquaredDeletedResidual(distances, outputs, width, ridge) is var error && error < best.Error)
                        best = (scales, width, ridge, error);
        }
        return (best.Scales.MoveToOuterDisposeScope(), best.Width, best.Ridge);
    }

    // (K + λI)⁻¹ gives the deleted residuals of all rows: its product with Y over its diagonal.
    private static double MeanSquaredDeletedResidual(torch.Tensor distances, torch.Tensor outputs, double width, double ridge)
    {
        using var scope = torch.NewDisposeScope();
        var kernel = (distances / -width).exp();
        kernel.diagonal().add_(ridge);
        var inverse = torch.cholesky_inverse(torch.linalg.cholesky(kernel));
        return (inverse.matmul(outputs) / inverse.diagonal().unsqueeze(1)).square().mean().item<double>();
    }

    private static torch.Tensor Centred(torch.Tensor labels, torch.Tensor shares) => torch.nn.functional.one_hot(labels, shares.shape[0]).to(torch.float64) - shares;

    private static torch.Tensor Points(IReadOnlyDictionary<string, torch.Tensor> state, torch.Tensor rows) =>
        state.TryGetValue(Scales, out var scales) ? KernelPoints.OfFeatures(rows) / scales : KernelPoints.OfTokens(rows);

    // Of tokens the landmarks are kept as they are: points of them are far longer.
    private static torch.Tensor LandmarkPoints(IReadOnlyDictionary<string, torch.Tensor> state) =>
        state.TryGetValue(Scales, out var scales) ? state[Landmarks] / scales : KernelPoints.OfTokens(state[Landmarks]);
}
