using Unlearn.Examples;
using Unlearn.Examples.FashionMnist;

return await StudyProgram.RunAsync(new FashionMnistStudy(), args);
