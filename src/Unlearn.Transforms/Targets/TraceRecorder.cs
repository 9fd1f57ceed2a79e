using TorchSharp;

namespace Unlearn.Transforms.Targets;

/// <summary>Collects a <see cref="TrainingTrace"/> from the outputs that training computes anyway.</summary>
internal sealed class TraceRecorder
{
    private readonly string[] _rowIds;
    private readonly List<TrainingProgress> _epochs = [];
    private readonly List<float[]> _confidences = [];
    private readonly List<bool[]> _correct = [];
    private float[] _confidence;
    private bool[] _isCorrect;
    private double _loss;

    public TraceRecorder(TrainingRows rows, ReadOnlySpan<int> positions)
    {
        _rowIds = new string[positions.Length];
        for (var i = 0; i < positions.Length; i++)
            _rowIds[i] = rows.Ids[positions[i]];
        _confidence = new float[positions.Length];
        _isCorrect = new bool[positions.Length];
    }

    public void Record(ReadOnlySpan<int> batch, torch.Tensor logProbabilities, torch.Tensor labels)
    {
        using var noGrad = torch.no_grad();
        var ofLabel = logProbabilities.gather(1, labels.unsqueeze(1)).squeeze(1).to(torch.CPU).data<float>();
        var correct = logProbabilities.argmax(1).eq(labels).to(torch.CPU).data<bool>();
        for (var i = 0; i < batch.Length; i++)
        {
            _loss -= ofLabel[i];
            _confidence[batch[i]] = MathF.Exp(ofLabel[i]);
            _isCorrect[batch[i]] = correct[i];
        }
    }

    public TrainingProgress EndEpoch(int epoch, int epochs)
    {
        var loss = _loss / _rowIds.Length;
        if (!double.IsFinite(loss))
            throw TrainingDivergedException.AtEpoch(epoch, loss);
        var progress = new TrainingProgress(epoch, epochs, loss, _isCorrect.Count(isCorrect => isCorrect) / (double)_rowIds.Length);
        _epochs.Add(progress);
        _confidences.Add(_confidence);
        _correct.Add(_isCorrect);
        _confidence = new float[_rowIds.Length];
        _isCorrect = new bool[_rowIds.Length];
        _loss = 0;
        return progress;
    }

    public TrainingTrace ToTrace() => new(_rowIds, _epochs, _confidences, _correct);
}
