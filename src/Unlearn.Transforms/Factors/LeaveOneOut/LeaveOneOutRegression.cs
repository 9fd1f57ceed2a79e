using TorchSharp;
using Unlearn.Transforms.Numerics;

namespace Unlearn.Transforms.Factors.LeaveOneOut;

/// <summary>
/// What kernel ridge regression of the labels on the other training rows predicts of each row. How rows are scaled, the kernel's width and the ridge are those
/// with the least squared deleted residuals on some of the rows; no hardness is looked at.
/// </summary>
/// <param name="mostRows">Rows at most of which all are landmarks.</param>
/// <param name="mostLandmarks">Landmarks at most of more rows.</param>
/// <param name="mostRowsToChooseBy">Rows at most by which scales, width and ridge are chosen; half as many where not all rows are landmarks.</param>
internal sealed class LeaveOneOutRegression(
    int mostRows = LeaveOneOutRegression.MostRows, int mostLandmarks = 1280, int mostRowsToChooseBy = 1000) : ICheckedStatistic
{
    /// <summary>Most rows that are all landmarks. Up to here, time is cubic in the rows; above, it is linear.</summary>
    public const int MostRows = 4096;

    private const string Deleted = "deleted";
    private const string Landmarks = "landmarks";
    private const string Coefficients = "coefficients";
    private const string ClassShares = "class-shares";

    // Kernels of all rows that are kept until they are needed again: 512 MB.
    private const long MostKernelsKept = 1L << 27;

    // Whole numbers up to here are exact as float32.
    private const float MostTokens = 1 << 24;

    /// <summary>Entry of what features are divided by; there is none of tokens.</summary>
    public const string Scales = "scales";

    /// <summary>Entry of the kernel's width.</summary>
    public const string Width = "width";

    /// <summary>Entry of the ridge.</summary>
    public const string Ridge = "ridge";

    /// <summary>Widths that are tried, relative to the mean distance.</summary>
    public static readonly float[] RelativeWidths = [0.5f, 1, 2];

    /// <summary>Ridges that are tried.</summary>
    public static readonly float[] Ridges = [1e-3f, 1e-2f, 1e-1f, 1, 10];

    public static LeaveOneOutRegression Instance { get; } = new();

    public string Name => "LeaveOneOut";

    // Rows come in the order of their keys, which are hashes: the first ones are a random sample.
    public IReadOnlyDictionary<string, torch.Tensor> Fit(FactorTraining training)
    {
        using var noGrad = torch.no_grad();
        var classes = training.Target.ClassCount;
        var (state, areTokens) = Read(training);
        var counts = state[TrainingRowKeys.Labels].bincount(null, classes).to(torch.float64);
        state[ClassShares] = counts.Div(training.RowCount).to(torch.float32);
        var areAllLandmarks = state[Landmarks].shape[0] == training.RowCount;
        Choose(state, areAllLandmarks ? mostRowsToChooseBy : mostRowsToChooseBy / 2, areTokens, classes, training.CheckAlive);

        training.CheckAlive();
        var kernel = Kernel(state);
        var fitted = areAllLandmarks ? FitOnAllRows() : FitOnLandmarks();
        state[Coefficients] = fitted.Coefficients.to(torch.float32);
        state[Deleted] = fitted.Deleted;
        return state;

        (torch.Tensor Coefficients, torch.Tensor Deleted) FitOnAllRows()
        {
            using var scope = torch.NewDisposeScope();
            var labels = state[TrainingRowKeys.Labels];
            var outputs = Outputs(labels, classes);
            var (coefficients, withoutRow) = KernelRidge.OfAllRows(kernel.OfLandmarks(), state[Ridge].item<float>(), outputs);
            return (coefficients.MoveToOuterDisposeScope(), OwnPredictions(withoutRow, outputs, labels).MoveToOuterDisposeScope());
        }

        (torch.Tensor Coefficients, torch.Tensor Deleted) FitOnLandmarks()
        {
            var regression = new KernelRidge(kernel, state[Ridge].item<float>(), classes + 1);
            var landmarks = state[Landmarks].shape[0];
            using var kept = training.RowCount * landmarks <= MostKernelsKept ? torch.zeros(training.RowCount, landmarks) : null;
            ForEachBatch((batch, start) =>
            {
                var ofBatch = KernelOf(batch);
                regression.Add(ofBatch, Outputs(batch.Labels, classes));
                kept?.narrow(0, start, batch.Count).copy_(ofBatch);
            });
            var coefficients = regression.Solve();
            var deleted = torch.zeros(training.RowCount);
            ForEachBatch((batch, start) =>
            {
                var ofBatch = kept?.narrow(0, start, batch.Count) ?? KernelOf(batch);
                var outputs = Outputs(batch.Labels, classes);
                deleted.narrow(0, start, batch.Count).copy_(OwnPredictions(regression.Deleted(ofBatch, outputs, start), outputs, batch.Labels));
            });
            return (coefficients, deleted);
        }

        torch.Tensor KernelOf(FactorBatch batch) => kernel.Of(Points(state, batch.Places)).to(torch.float32);

        torch.Tensor OwnPredictions(torch.Tensor withoutRow, torch.Tensor outputs, torch.Tensor labels) =>
            Predictions(withoutRow, SharesWithout(outputs, counts)).gather(1, labels.unsqueeze(1)).squeeze(1).to(torch.float32);

        void ForEachBatch(Action<FactorBatch, long> use)
        {
            long start = 0;
            foreach (var batch in training.Batches)
            {
                use(batch, start);
                start += batch.Count;
            }
        }
    }

    public void Check(SavedState state, FactorBatch probe)
    {
        var classes = probe.Target.ClassCount;
        var rows = TrainingRowKeys.Check(state, classes);
        state.Values(Deleted, rows);
        state.Numbers(ClassShares, classes);
        foreach (var name in new[] { Width, Ridge })
            state.Require(state.Numbers(name).item<float>() > 0, name, "is not positive");
        var areTokens = probe.ReadsTokens;
        var landmarks = state.Numbers(Landmarks, SavedState.Any, areTokens ? probe.Features.shape[1] : KernelPoints.OfFeatures(probe.Places).shape[1]);
        state.Numbers(Coefficients, landmarks.shape[0], classes + 1);
        if (areTokens)
            state.Require(landmarks.Ge(0).logical_and(landmarks.Lt(MostTokens)).all().item<bool>(), Landmarks, "holds no tokens");
        else
            state.Require(state.Numbers(Scales, landmarks.shape[1]).Gt(0).all().item<bool>(), Scales, "is not positive");
    }

    /// <summary>1 − r_y of each row: without the row where it is a training row.</summary>
    public torch.Tensor Residuals(FactorBatch batch)
    {
        var state = batch.State(this);
        var own = TrainingRowKeys.Find(state, batch);
        var known = own.ClampMin(0);
        var predictions = state[Deleted].index_select(0, known);
        var others = own.Lt(0).logical_or(state[TrainingRowKeys.Labels].index_select(0, known).ne(batch.Labels)).nonzero().flatten();
        if (others.shape[0] > 0)
        {
            // To bring large landmarks into the form that kernels need takes longer than a batch.
            var kernel = DerivedOfState.Get(state, () => Kernel(state).Keep()).Of(Points(state, batch.Places.index_select(0, others)));
            var ofOthers = Predictions(kernel.matmul(state[Coefficients].to(torch.float64)), state[ClassShares].to(torch.float64));
            predictions.index_copy_(0, others, ofOthers.gather(1, batch.Labels.index_select(0, others).unsqueeze(1)).squeeze(1).to(torch.float32));
        }
        return predictions.neg().Add(1);
    }

    private (Dictionary<string, torch.Tensor> State, bool AreTokens) Read(FactorTraining training)
    {
        torch.Tensor? landmarks = null;
        var known = new TrainingRowKeys(training.RowCount);
        var areTokens = false;
        foreach (var batch in training.Batches)
        {
            if (landmarks is null)
                areTokens = batch.ReadsTokens;
            if (landmarks is null || known.Count < landmarks.shape[0])
            {
                // Of tokens the landmarks are kept as they are: points of them are far longer.
                var rows = areTokens ? batch.Features : KernelPoints.OfFeatures(batch.Places);
                landmarks ??= torch.zeros(training.RowCount <= mostRows ? training.RowCount : mostLandmarks, rows.shape[1]).MoveToOuterDisposeScope();
                var count = Math.Min(batch.Count, landmarks.shape[0] - known.Count);
                landmarks.narrow(0, known.Count, count).copy_(rows.narrow(0, 0, count));
            }
            known.Add(batch);
        }
        var state = known.Entries();
        state[Landmarks] = landmarks!;
        return (state, areTokens);
    }

    private static void Choose(Dictionary<string, torch.Tensor> state, int mostRows, bool areTokens, long classes, Action checkAlive)
    {
        using var scope = torch.NewDisposeScope();
        var count = Math.Min(state[Landmarks].shape[0], mostRows);
        var points = state[Landmarks].narrow(0, 0, count);
        if (areTokens)
            points = KernelPoints.OfTokens(points);
        var outputs = Outputs(state[TrainingRowKeys.Labels].narrow(0, 0, count), classes);
        var none = torch.ones(points.shape[1]);
        (torch.Tensor Scales, float Width, float Ridge, double Error) best = (none, 1, 1, double.PositiveInfinity);
        foreach (var scales in areTokens ? [none] : new[] { none, Deviations(points) })
        {
            var scaled = (points / scales).to(torch.float64);
            scaled -= scaled.mean([0], keepdim: true);
            var distances = LaplaceKernel.Distances(scaled);
            // Rows that are all equal are at distances of rounding noise.
            var mean = distances.mean().item<double>() is var distance && distance > 1e-6 * scaled.norm().item<double>() / Math.Sqrt(count) ? distance : 1;
            foreach (var width in RelativeWidths.Select(relative => relative * (float)mean))
            {
                var kernel = distances.Div(-width).exp_();
                foreach (var ridge in Ridges)
                {
                    checkAlive();
                    if (MeanSquaredDeletedResidual(kernel, outputs, ridge) is var error && error < best.Error)
                        best = (scales, width, ridge, error);
                }
            }
        }
        state[Width] = torch.tensor(best.Width).MoveToOuterDisposeScope();
        state[Ridge] = torch.tensor(best.Ridge).MoveToOuterDisposeScope();
        if (!areTokens)
            state[Scales] = best.Scales.MoveToOuterDisposeScope();
    }

    // A coordinate that hardly ever moves is not blown up.
    private static torch.Tensor Deviations(torch.Tensor points)
    {
        var variances = points.var(0);
        var moving = variances.masked_select(variances.Gt(0));
        return moving.shape[0] == 0 ? torch.ones(points.shape[1]) : variances.Add(moving.median()).sqrt();
    }

    private static double MeanSquaredDeletedResidual(torch.Tensor kernel, torch.Tensor outputs, double ridge)
    {
        using var scope = torch.NewDisposeScope();
        var (_, deleted) = KernelRidge.OfAllRows(kernel, ridge, outputs);
        var labels = outputs.narrow(1, 0, outputs.shape[1] - 1);
        return (labels - Predictions(deleted, SharesWithout(outputs, labels.sum(dim: 0)))).Square().mean().item<double>();
    }

    // onehot(y), and 1: what the regression makes of 1 tells how far a row is from all others, where shares of classes take over.
    private static torch.Tensor Outputs(torch.Tensor labels, long classes) =>
        torch.cat([torch.nn.functional.one_hot(labels, classes), torch.ones([labels.shape[0], 1], torch.ScalarType.Int64)], 1).to(torch.float64);

    // r = m + f(onehot(y) − m) = m + f(onehot(y)) − f(1)m.
    private static torch.Tensor Predictions(torch.Tensor fitted, torch.Tensor shares)
    {
        var classes = fitted.shape[1] - 1;
        return shares.Add(fitted.narrow(1, 0, classes)) - fitted.narrow(1, classes, 1) * shares;
    }

    // m of the rows but each of these.
    private static torch.Tensor SharesWithout(torch.Tensor outputs, torch.Tensor counts) =>
        (counts - outputs.narrow(1, 0, counts.shape[0])) / counts.sum().Sub(1);

    private static LaplaceKernel Kernel(IReadOnlyDictionary<string, torch.Tensor> state) =>
        new(state.TryGetValue(Scales, out var scales) ? state[Landmarks] / scales : KernelPoints.OfTokens(state[Landmarks]), state[Width].item<float>());

    private static torch.Tensor Points(IReadOnlyDictionary<string, torch.Tensor> state, torch.Tensor rows) =>
        state.TryGetValue(Scales, out var scales) ? KernelPoints.OfFeatures(rows) / scales : KernelPoints.OfTokens(rows);
}
