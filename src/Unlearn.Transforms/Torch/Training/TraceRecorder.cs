using TorchSharp;
using Unlearn.Transforms.Numerics;

namespace Unlearn.Transforms.Torch.Training;

/// <summary>Collects a <see cref="TrainingTrace"/> from the outputs that training computes anyway. It reads the outputs of many steps at once.</summary>
internal sealed class TraceRecorder
{
    private const int StepsAtOnce = 64;

    private readonly string[] _rowIds;
    private readonly int[] _labels;
    private readonly List<TrainingProgress> _epochs = [];
    private readonly List<float[]> _confidences = [];
    private readonly List<bool[]> _correct = [];
    private readonly List<float[]> _margins = [];
    private readonly List<int> _unreadRows = [];
    private readonly List<(torch.Tensor LogProbabilities, torch.Tensor Labels)> _unread = [];
    private readonly IReadOnlyList<string>? _classNames;
    private double _loss;
    private int _correctRows;

    public TraceRecorder(TrainingRows rows, ReadOnlySpan<int> positions)
    {
        _classNames = rows.ClassNames;
        _rowIds = new string[positions.Length];
        _labels = new int[positions.Length];
        for (var i = 0; i < positions.Length; i++)
        {
            _rowIds[i] = rows.Ids[positions[i]];
            _labels[i] = rows.LabelAt(positions[i]);
        }
    }

    public void StartEpoch()
    {
        _confidences.Add(new float[_rowIds.Length]);
        _correct.Add(new bool[_rowIds.Length]);
        _margins.Add(new float[_rowIds.Length]);
        _loss = 0;
        _correctRows = 0;
    }

    /// <summary>Takes the outputs of a step. The innermost dispose scope must be the step's scope.</summary>
    public void Record(ReadOnlySpan<int> batch, torch.Tensor logProbabilities, torch.Tensor labels)
    {
        _unreadRows.AddRange(batch);
        _unread.Add((logProbabilities.detach().MoveToOuterDisposeScope(), labels.MoveToOuterDisposeScope()));
        if (_unread.Count == StepsAtOnce)
            Read();
    }

    public TrainingProgress EndEpoch(int epoch, int epochs)
    {
        Read();
        var loss = _loss / _rowIds.Length;
        if (!double.IsFinite(loss))
            throw TrainingDivergedException.AtEpoch(epoch, loss);
        var progress = new TrainingProgress { Epoch = epoch, Epochs = epochs, Loss = loss, Accuracy = _correctRows / (double)_rowIds.Length };
        _epochs.Add(progress);
        return progress;
    }

    public TrainingTrace ToTrace() => new()
    {
        RowIds = _rowIds,
        Labels = _labels,
        Epochs = _epochs,
        Confidences = _confidences,
        Correct = _correct,
        Margins = _margins,
        ClassNames = _classNames,
    };

    private void Read()
    {
        if (_unread.Count == 0)
            return;
        using var scope = torch.NewDisposeScope();
        var logProbabilities = torch.cat([.. _unread.Select(step => step.LogProbabilities)]);
        var index = torch.cat([.. _unread.Select(step => step.Labels)]).unsqueeze(1);
        var ofLabel = logProbabilities.gather(1, index);
        var ofOthers = logProbabilities.scatter(1, index, ofLabel.FullLike(float.NegativeInfinity)).amax([1], keepdim: true);
        var labelValues = FloatSpan.Of(ofLabel.cpu());
        var marginValues = FloatSpan.Of((ofLabel - ofOthers).cpu());
        var (confidences, correct, margins) = (_confidences[^1], _correct[^1], _margins[^1]);
        for (var i = 0; i < _unreadRows.Count; i++)
        {
            var row = _unreadRows[i];
            _loss -= labelValues[i];
            confidences[row] = MathF.Exp(labelValues[i]);
            margins[row] = marginValues[i];
            correct[row] = marginValues[i] > 0;
            if (correct[row])
                _correctRows++;
        }
        foreach (var (stepLogProbabilities, stepLabels) in _unread)
        {
            stepLogProbabilities.Dispose();
            stepLabels.Dispose();
        }
        _unread.Clear();
        _unreadRows.Clear();
    }
}
