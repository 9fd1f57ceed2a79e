using Unlearn.Examples;
using Unlearn.Examples.TransferLearning;

return await StudyProgram.RunAsync(new TransferLearningStudy(), args);
